def test_dart_definitions_reach_from_the_signature_to_the_end_of_the_body(check_symbols):
    check_symbols(
        "shape.dart",
        """
        import 'package:a/b.dart';
        const limit = 3;
        var counter = 0;
        typedef Handler = int Function(int);
        int computeSum(int a) {
          int local = 1;
          int inner() => 2;
          return a;
        }
        @immutable
        class Shape extends Base with Named implements Sized {
          final String name;
          static const MAX = 3;
          Shape(this.name);
          Shape.named(this.name) : age = 1;
          factory Shape.fromJson(Map m) { return Shape('x'); }
          String get label => 'x';
          static Future<void> run() async { }
          bool operator ==(Object o) => true;
          double area();
        }
        mixin Named on Base { void m() {} }
        enum Color { red, green }
        extension Words on String { int get size => 1; }
        void main() {
          group('shapes', () {
            test('have an area', () async { run(); });
          });
        }
        """,
        """
        constant limit
        variable counter
        type Handler
        function computeSum
        function computeSum.inner
        class Shape
        field Shape.name
        constant Shape.MAX
        constructor Shape.Shape
        constructor Shape.named
        constructor Shape.fromJson
        property Shape.label
        method Shape.run
        method Shape.==
        method Shape.area
        trait Named
        method Named.m
        enum Color
        constant Color.red
        constant Color.green
        class Words
        property Words.size
        function main
        function main.shapes
        function main.shapes.have an area
        """,
    )


def test_fsharp_names_modules_functions_types_and_members(check_symbols):
    check_symbols(
        "Shapes.fs",
        """
        module Shapes.Core
        let computeSum a b =
            let local = 1
            a + b
        let rec even n = odd n
        and private odd n = even n
        let limit = 3
        let (|Even|Odd|) n = n
        type Point = { X: int; Y: int }
        type Shape = Circle of float | Square of float
        type Color = Red = 0 | Green = 1
        type Person(name: string) =
            let mutable age = 1
            member this.Name = name
            member this.Greet(x) = x
            static member Create() = Person("a")
            abstract member Area : int -> int
            new() = Person("x")
        module Inner =
            let nested' x = x
        exception Broken of string
        type Point with
            member p.Size = 1
        """,
        """
        module Shapes.Core
        function Shapes.Core.computeSum
        function Shapes.Core.even
        function Shapes.Core.odd
        variable Shapes.Core.limit
        function Shapes.Core.(|Even|Odd|)
        struct Shapes.Core.Point
        field Shapes.Core.Point.X
        field Shapes.Core.Point.Y
        union Shapes.Core.Shape
        constructor Shapes.Core.Shape.Circle
        constructor Shapes.Core.Shape.Square
        enum Shapes.Core.Color
        constant Shapes.Core.Color.Red
        constant Shapes.Core.Color.Green
        class Shapes.Core.Person
        field Shapes.Core.Person.age
        property Shapes.Core.Person.Name
        method Shapes.Core.Person.Greet
        method Shapes.Core.Person.Create
        method Shapes.Core.Person.Area
        constructor Shapes.Core.Person.new
        module Shapes.Core.Inner
        function Shapes.Core.Inner.nested'
        class Shapes.Core.Broken
        property Shapes.Core.Point.Size
        """,
    )


def test_fsharp_signatures_name_values(check_symbols):
    check_symbols(
        "Shapes.fsi",
        """
        module Shapes

        val computeSum: int -> int

        val limit: int
        """,
        """
        function computeSum
        variable limit
        """,
    )


def test_solidity_names_contracts_and_their_members(check_symbols):
    check_symbols(
        "Token.sol",
        """
        contract Token is Base {
            uint public total; uint constant MAX = 3;
            event Sent(address a);
            error Broken(uint x);
            modifier onlyOwner() { _; }
            struct Holder { uint amount; }
            enum Color { Red, Green }
            constructor(uint a) { uint local = a; }
            function computeSum(uint a) public {}
            receive() external payable {}
        }
        interface Named { function name() external; }
        library Sums { function add() internal {} }
        function free(uint a) pure returns (uint) { return a; }
        """,
        """
        class Token
        field Token.total
        constant Token.MAX
        type Token.Sent
        type Token.Broken
        method Token.onlyOwner
        struct Token.Holder
        field Token.Holder.amount
        enum Token.Color
        constant Token.Color.Red
        constant Token.Color.Green
        constructor Token.constructor
        method Token.computeSum
        method Token.receive
        interface Named
        method Named.name
        class Sums
        method Sums.add
        function free
        """,
    )


def test_gdscript_names_classes_functions_signals_and_variables(check_symbols):
    check_symbols(
        "player.gd",
        """
        class_name Player
        extends Node2D
        signal died(x)
        const MAX = 3
        enum State { IDLE, RUN }
        @export var speed: int = 1
        func compute_sum(a):
        \tvar local = 1
        \treturn a
        class Inner extends Base:
        \tvar x = 1
        \tfunc go(): pass
        """,
        """
        class Player
        property died
        constant MAX
        enum State
        constant State.IDLE
        constant State.RUN
        variable speed
        function compute_sum
        class Inner
        field Inner.x
        method Inner.go
        """,
    )


def test_shaders_name_functions_structs_and_what_is_passed_in(check_symbols):
    check_symbols(
        "light.glsl",
        """
        #version 330
        #define PI 3.14
        uniform mat4 model;
        in vec3 position;
        layout(std140) uniform Block { mat4 m; } block;
        struct Light { vec3 place; };
        float computeSum(float a) { float local; return a; }
        """,
        """
        macro PI
        variable model
        variable position
        struct Block
        field Block.m
        struct Light
        field Light.place
        function computeSum
        """,
    )


def test_hlsl_names_buffers_and_functions_without_their_semantics(check_symbols):
    check_symbols(
        "light.hlsl",
        """
        cbuffer Params : register(b0) { float4x4 wvp; };
        Texture2D image : register(t0);
        struct Input { float3 place : POSITION; };
        float4 computeSum(float a) : SV_Target { float local = a; return a; }
        [numthreads(8,8,1)]
        void Main(uint3 id : SV_DispatchThreadID) { }
        """,
        """
        struct Params
        variable wvp
        variable image
        struct Input
        field Input.place
        function computeSum
        function Main
        """,
    )


def test_wgsl_names_functions_structs_and_globals(check_symbols):
    check_symbols(
        "light.wgsl",
        """
        struct Light { place: vec3<f32>, }
        @group(0) @binding(0) var<uniform> light: Light;
        fn compute_sum(a: f32) -> f32 { var local = 1.0; return a; }
        """,
        """
        struct Light
        field Light.place
        variable light
        function compute_sum
        """,
    )


def test_arduino_is_named_as_cpp(check_symbols):
    check_symbols(
        "blink.ino",
        """
        const int LED = 13;
        class Blinker { public: void toggle() {} };
        void setup() { int local = 1; }
        """,
        """
        constant LED
        class Blinker
        method Blinker.toggle
        function setup
        """,
    )
