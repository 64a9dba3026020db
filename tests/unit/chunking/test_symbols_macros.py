"""Definitions that a call makes, and tests named by their titles."""


def test_javascript_names_functions_in_arguments_objects_and_prototypes(check_symbols):
    check_symbols(
        "cart.spec.ts",
        """
        import { on } from './bus'
        on('change', function changed(event) { const inner = () => 1; return event })
        export const useCart = defineStore('cart', {
          state: () => ({ items: [] }),
          actions: { async addToCart(id: string) {}, 'clear-cart'() {}, 'pay-now': () => 1 },
        })
        function shop() {
          return { refund: () => 1, api: { cancel: async function () {} } }
        }
        const wrapped = debounce(function search(term) {}, 100),
          other = () => 2
        Shop.prototype = { open() {}, close: function () {} }
        Shop.prototype.refresh = load
        Shop.prototype.constructor = Shop
        exports['to-json'] = function () {}
        module.exports = { first: () => 1, second() {} }
        Object.defineProperty(Shop, 'size', { get: () => 1 })
        class Row { [Symbol.iterator]() {} }
        describe('Cart::total', () => {
          const price = 1
          beforeEach(() => {})
          it(`adds ${price}`, async () => { await wrapped() })
          it.each([1, 2])('takes %d', (n) => {})
          test.only('skips', function () {})
          it('is planned')
        })
        """,
        """
        function changed
        function changed.inner
        constant useCart
        method useCart.state
        method useCart.addToCart
        method useCart.clear-cart
        method useCart.pay-now
        function shop
        method shop.refund
        method shop.cancel
        constant wrapped
        function wrapped.search
        function other
        method Shop.open
        method Shop.close
        method Shop.refresh
        function to-json
        method first
        method second
        property size
        method size.get
        class Row
        method Row.[Symbol.iterator]
        function Cart::total
        function Cart::total.adds ${price}
        function Cart::total.takes %d
        function Cart::total.skips
        """,
    )


def test_ruby_names_what_its_macros_define(check_symbols):
    check_symbols(
        "invoice.rb",
        """
        class Invoice < ApplicationRecord
          Line = Struct.new(:price) do
            def total; end
          end
          Failure = Class.new(StandardError)
          belongs_to :customer, optional: true
          has_one_attached :scan
          enum status: { draft: 0 }
          attribute :note, :string
          attr_reader :first, :last
          scope :overdue, -> { where(due: 1) }
          delegate :name, :city, to: :customer, prefix: true
          def_delegators :@lines, :size, :each
          alias_method :sum, :total
          alias amount total
          define_method("paid?") { true }
          validates :note, presence: true
        end
        """,
        """
        class Invoice
        class Invoice.Line
        method Invoice.Line.total
        class Invoice.Failure
        property Invoice.customer
        property Invoice.scan
        property Invoice.status
        property Invoice.note
        property Invoice.first
        property Invoice.last
        method Invoice.overdue
        method Invoice.name
        method Invoice.city
        method Invoice.size
        method Invoice.each
        method Invoice.sum
        method Invoice.amount
        method Invoice.paid?
        """,
    )


def test_ruby_names_specs_by_their_titles_and_rake_tasks(check_symbols):
    check_symbols(
        "invoice_spec.rb",
        """
        RSpec.describe Invoice do
          LIMIT = 3
          describe "#total" do
            let(:price) { 1 }
            it "adds A::B" do
              expect(1).to eq 1
            end
            it { is_expected.to be }
          end
          shared_examples "a bill" do
          end
        end
        namespace :billing do
          task close_month: :environment do
          end
          task :open, [:day] => :environment do
          end
        end
        create_table "invoices" do |t|
        end
        """,
        """
        constant Invoice.LIMIT
        function Invoice.#total
        function Invoice.#total.adds A::B
        function Invoice.a bill
        namespace billing
        function billing.close_month
        function billing.open
        table invoices
        """,
    )


def test_elixir_names_structs_operators_guards_and_tests(check_symbols):
    check_symbols(
        "vector.ex",
        """
        defmodule Vector do
          defstruct [:x, :y, z: 0]
          @callback scale(t, f) :: t when f: number
          def a + b, do: add(a, b)
          def left <~> right when is_map(left), do: right
          def -a, do: a
          defmacro a ~> b do
            quote do: unquote(b)
          end
          defguard is_flat(v) when v.z == 0
          defdelegate size(v), to: Vector.Size
          def length(v) when is_flat(v), do: 1
        end
        defmodule Failure do
          defexception message: "x"
        end
        defmodule Row do
          require Record
          Record.defrecord(:cell, value: 1)
          schema "rows" do
            field :name, :string
          end
        end
        defmodule VectorTest do
          describe "scale/2" do
            test "doubles Vector::x", %{v: v} do
              assert v
            end
          end
        end
        """,
        """
        module Vector
        field Vector.x
        field Vector.y
        field Vector.z
        function Vector.scale
        function Vector.+
        function Vector.<~>
        function Vector.-
        macro Vector.~>
        macro Vector.is_flat
        function Vector.size
        function Vector.length
        module Failure
        field Failure.message
        module Row
        struct Row.cell
        table Row.rows
        field Row.rows.name
        module VectorTest
        function VectorTest.scale/2
        function VectorTest.scale/2.doubles Vector::x
        """,
    )


def test_r_names_functions_classes_and_tests(check_symbols):
    check_symbols(
        "geometry.R",
        """
        library(dplyr)
        LIMIT <- 10
        #' Area of a circle.
        area <- function(radius, scale = 1) {
          local <- 2
          square <- function(x) x * x
          square(radius)
        }
        `%+%` = function(a, b) paste(a, b)
        "names<-.shape" <- function(x, value) x
        function(x) x -> identity2
        shape$grow <- function(by) 1
        Person <- R6::R6Class("Person", public = list(
          name = NULL,
          greet = function() cat("hi")
        ))
        setClass("Circle", representation(r = "numeric"))
        setGeneric("perimeter", function(s) standardGeneric("perimeter"))
        setMethod("perimeter", "Circle", function(s) 2 * s@r)
        test_that("areas are positive", {
          expect_true(area(1) > 0)
        })
        """,
        """
        constant LIMIT
        function area
        function area.square
        function %+%
        function names<-.shape
        method shape.grow
        class Person
        method Person.greet
        class Circle
        function perimeter
        function perimeter
        function areas are positive
        """,
    )


def test_scss_names_variables_mixins_and_nested_selectors(check_symbols):
    check_symbols(
        "theme.scss",
        """
        $primary: red !default;
        $breakpoints: (
          small: 1px,
        );
        %card { color: red; }
        @mixin big($a) { @content; }
        @function double($n) { @return $n * 2; }
        .card {
          $local: 1;
          &:hover { color: blue; }
          .title { color: $primary; }
        }
        """,
        """
        variable primary
        variable breakpoints
        rule %card
        function big
        function double
        rule .card
        rule .card.&:hover
        rule .card..title
        """,
    )
