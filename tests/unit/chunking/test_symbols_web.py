def test_javascript_names_every_way_to_write_a_function(check_symbols):
    check_symbols(
        "app.js",
        """
        'use strict'
        const express = require('express')
        var join = require('path').join
        const { a, b } = require('x')
        const LIMIT = 10
        let count = 0
        var app = exports = module.exports = {}
        /** Doc. */
        function plain(x) { const local = 1; function nested() {} return x }
        async function* generate() {}
        const arrow = async (x) => { const inner = () => 1; return inner }
        const expression = function named() {}
        exports.parse = function () {}
        exports.VERSION = 'x'
        module.exports.format = () => 1
        module.exports = function main() {}
        app.get = function get(name) {}
        Foo.prototype.bar = function () {}
        const Cls = class {}
        describe('x', () => { const hidden = 1; function helper() {} })
        // function commented() {}
        const text = 'function quoted() {}'
        """,
        """
        constant LIMIT
        variable count
        variable app
        function plain
        function plain.nested
        function generate
        function arrow
        function arrow.inner
        function expression
        function parse
        constant VERSION
        function format
        function main
        method app.get
        method Foo.bar
        class Cls
        function x
        function x.helper
        constant text
        """,
    )


def test_javascript_names_members_of_classes_and_objects(check_symbols):
    check_symbols(
        "store.mjs",
        """
        export default class Store extends Base {
          static count = 1
          #secret = 2
          handler = () => {}
          constructor() { super() }
          get size() { return 1 }
          static async make() {}
          #hide() {}
        }
        const api = { get() {}, post: function () {}, put: () => {}, value: 1 }
        export const store = createStore({ methods: { increment() {} } })
        """,
        """
        class Store
        field Store.count
        field Store.#secret
        method Store.handler
        constructor Store.constructor
        method Store.size
        method Store.make
        method Store.#hide
        constant api
        method api.get
        method api.post
        method api.put
        constant store
        method store.increment
        """,
    )


def test_jsx_names_components_and_no_markup(check_symbols):
    check_symbols(
        "Card.jsx",
        """
        import React from 'react'
        export default function Card({ title }) {
          const [open, setOpen] = useState(false)
          const toggle = () => setOpen(!open)
          return <div id="card" onClick={toggle}>{title}</div>
        }
        export const Page = () => <Card title="function x() {}" />
        """,
        """
        function Card
        function Card.toggle
        function Page
        """,
    )


def test_typescript_names_types_interfaces_enums_and_namespaces(check_symbols):
    check_symbols(
        "service.ts",
        """
        import { x } from 'y'
        /** Doc */
        export interface User<T> extends Base { name: string; readonly age?: number; greet(x: string): void }
        export type Handler = (req: Request) => void
        type Options = { title: string }
        export enum Color { Red, Green = 'g' }
        export abstract class Service<T> implements Base {
          private static readonly LIMIT = 3
          constructor(private repo: Repo) { super() }
          @Input() name: string
          abstract run(): void
          protected async find(id: string): Promise<T> { const local = 1; return null }
          handler = (e: Event) => {}
        }
        export namespace Tools { export const inner = 1; export function help() {} }
        declare const VERSION: string
        declare function load(a: string): void
        export const useThing = <T,>(x: T): T => x
        const config: Config = { a: 1 }
        function plain(options: { a: string }) {}
        let mutable = 1
        @Component({ selector: 'x' })
        export class Panel {}
        """,
        """
        interface User
        field User.name
        field User.age
        method User.greet
        type Handler
        type Options
        field Options.title
        enum Color
        constant Color.Red
        constant Color.Green
        class Service
        constant Service.LIMIT
        constructor Service.constructor
        field Service.name
        method Service.run
        method Service.find
        method Service.handler
        namespace Tools
        constant Tools.inner
        function Tools.help
        constant VERSION
        function load
        function useThing
        constant config
        function plain
        variable mutable
        class Panel
        """,
    )


def test_tsx_names_components_and_their_properties(check_symbols):
    check_symbols(
        "Card.tsx",
        """
        interface Props { title: string }
        export const Card: React.FC<Props> = ({ title }) => {
          const [open, setOpen] = useState(false)
          return <div onClick={() => setOpen(!open)}>{title}</div>
        }
        const Memo = React.memo(() => <Card title="x" />)
        export default function Page(props: Props) { return <Card {...props}/> }
        """,
        """
        interface Props
        field Props.title
        function Card
        constant Memo
        function Page
        """,
    )


def test_html_names_elements_with_an_id(check_symbols):
    check_symbols(
        "index.html",
        """
        <!DOCTYPE html>
        <html>
        <body>
        <div id="app" class="wide"><p id=intro>hi</p></div>
        <!-- <div id="commented"></div> -->
        <input id='name' />
        <script id="data">var x = '<b id="quoted">'</script>
        </body></html>
        """,
        """
        field app
        field app.intro
        field name
        field data
        variable x
        """,
    )


def test_each_selector_of_a_css_rule_is_a_name_of_it(check_symbols):
    check_symbols(
        "lists.css",
        """
        .box,
        .box-wide /* on large screens */,
        ul.menu li + li,
        a[href]::after { color: red }
        """,
        """
        rule .box
        rule .box-wide
        rule ul.menu li + li
        rule a[href]::after
        """,
    )


def test_css_names_rules_by_their_selectors(check_symbols):
    check_symbols(
        "style.css",
        """
        @import "x.css";
        :root { --main: red; }
        .card, .card:hover > a { color: red; }
        /* .commented { } */
        #app { margin: 0 }
        @media (max-width: 600px) { .card { display: none; } }
        @keyframes spin { from { top: 0 } to { top: 1px } }
        """,
        """
        rule :root
        rule .card
        rule .card:hover > a
        rule #app
        rule .card
        rule spin
        """,
    )
