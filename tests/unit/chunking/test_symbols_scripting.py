def test_python_names_functions_classes_attributes_and_module_variables(check_symbols):
    check_symbols(
        "service.py",
        '''
        """A module."""
        import os
        from typing import TypeVar

        MAX_USERS = 10
        name: str = "x"
        width, height = 1, 2
        double = lambda x: 2 * x

        if os.name == "nt":
            local_to_branch = 1

        @dataclass
        class User(Base):
            """def not_me(): class NotMe: pass"""

            limit = 3
            age: int
            LEVELS = (1, 2)

            def __init__(self, x):
                local = x
                self.x = x

            @property
            def size(self):
                return 1

            class Meta:
                ordering = 1

        # def commented_out(): pass
        async def main():
            def nested():
                inner = 1
            return nested
        ''',
        """
        constant MAX_USERS
        variable name
        variable width
        variable height
        function double
        class User
        field User.limit
        field User.age
        constant User.LEVELS
        method User.__init__
        method User.size
        class User.Meta
        field User.Meta.ordering
        function main
        function main.nested
        """,
    )


def test_ruby_names_modules_classes_methods_constants_and_attributes(check_symbols):
    check_symbols(
        "user.rb",
        """
        require "json"
        MAX = 10
        module App
          VERSION = "1"
          # A user.
          class User < Base
            attr_accessor :name, :age
            LIMIT = 3
            def initialize(name)
              local = 1
              @name = name
            end
            def self.create(x) = new(x)
            def valid?; true; end
            class << self
              def build; end
            end
          end
          class Foo::Bar
            def run; end
          end
        end
        def helper(x)
          "def quoted; end"
        end
        Point = Struct.new(:x)
        """,
        """
        constant MAX
        module App
        constant App.VERSION
        class App.User
        property App.User.name
        property App.User.age
        constant App.User.LIMIT
        method App.User.initialize
        method App.User.create
        method App.User.valid?
        method App.User.build
        class App.Foo.Bar
        method App.Foo.Bar.run
        function helper
        class Point
        """,
    )


def test_php_names_classes_traits_enums_methods_properties_and_constants(check_symbols):
    check_symbols(
        "User.php",
        r"""
        <?php
        namespace App\Models;
        use Foo\Bar;
        define('LIMIT', 10);
        const MAX = 3;
        /** A user. */
        #[Entity]
        class User extends Base implements Shape {
            const STATUS = 'x';
            private ?string $name = null;
            public static int $count = 0, $total = 1;
            public function __construct(private int $id) { $local = 1; }
            public static function find($id) { return null; }
            abstract protected function check();
        }
        interface Shape { public function area(); }
        trait HasName { public function getName() {} }
        enum Suit: string { case Hearts = 'H'; public function label() {} }
        function helper($x) { $y = 1; return 'function quoted() {}'; }
        $config = [1];
        $handler = function ($x) { return $x; };
        """,
        r"""
        namespace App\Models
        constant LIMIT
        constant MAX
        class User
        constant User.STATUS
        property User.name
        property User.count
        property User.total
        constructor User.__construct
        method User.find
        method User.check
        interface Shape
        method Shape.area
        trait HasName
        method HasName.getName
        enum Suit
        constant Suit.Hearts
        method Suit.label
        function helper
        variable config
        function handler
        """,
    )


def test_lua_names_functions_of_tables_and_file_variables(check_symbols):
    check_symbols(
        "init.lua",
        """
        local M = {}
        local uv = require("luv")
        local MAX = 10
        enabled = true
        local function helper(x)
          local y = 1
          return x
        end
        function M.setup(opts) end
        function M:start(a) end
        M.run = function(x) return x end
        local callback = function() end
        function global_fn() end
        M.config = { handler = function() end, x = 1 }
        -- function commented() end
        return M
        """,
        """
        variable M
        constant MAX
        variable enabled
        function helper
        function M.setup
        method M.start
        function M.run
        function callback
        function global_fn
        field M.config
        method M.config.handler
        """,
    )


def test_bash_names_functions_and_variables_outside_them(check_symbols):
    check_symbols(
        "build.sh",
        """
        #!/bin/bash
        MAX=10
        export target="a"
        readonly limit=3
        # Builds.
        build() {
          local x=1
          y=2
          echo "deploy() { :; }"
        }
        function deploy { build; }
        """,
        """
        constant MAX
        variable target
        constant limit
        function build
        function deploy
        """,
    )


def test_julia_names_functions_in_every_form_types_and_their_fields(check_symbols):
    check_symbols(
        "geometry.jl",
        """
        module Geometry
        using LinearAlgebra
        "Documentation."
        function area(s::Shape, t = 1)::Float64
            local_ = 1
            inner(y) = y + 1
        end
        area(c::Circle) = pi * c.r^2
        area(x::T) where {T<:Number} = x
        function Base.show(io::IO, s::Shape)
            print(io, s)
        end
        +(a::P, b::P) = P(a.x + b.x)
        abstract type Shape end
        struct Circle <: Shape
            r::Float64
            name
            Circle(r) = new(r, "c")
        end
        mutable struct Point{T}
            const x::T
        end
        Base.@kwdef struct Options
            limit::Int = 1
        end
        @enum Color red green
        const LIMIT = 3
        counter = 0
        double = x -> 2x
        macro trace(ex)
            :(ex)
        end
        @inline function fast(x) x end
        end
        """,
        """
        module Geometry
        function Geometry.area
        function Geometry.area.inner
        function Geometry.area
        function Geometry.area
        method Geometry.Base.show
        function Geometry.+
        type Geometry.Shape
        struct Geometry.Circle
        field Geometry.Circle.r
        field Geometry.Circle.name
        constructor Geometry.Circle.Circle
        struct Geometry.Point
        field Geometry.Point.x
        struct Geometry.Options
        field Geometry.Options.limit
        enum Geometry.Color
        constant Geometry.Color.red
        constant Geometry.Color.green
        constant Geometry.LIMIT
        variable Geometry.counter
        function Geometry.double
        macro Geometry.trace
        function Geometry.fast
        """,
    )
