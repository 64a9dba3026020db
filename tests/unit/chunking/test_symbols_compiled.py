def test_nim_names_routines_types_and_their_fields(check_symbols):
    check_symbols(
        "shapes.nim",
        """
        import strutils
        type
          Shape* = object of RootObj
            name*: string
          Color = enum red, green
          Handle = ref object
            x: int
          Id = int
        proc computeSum*(a: int): int =
          let local = 1
          proc inner() = discard
          a
        method speak(p: Shape) {.base.} = discard
        iterator items(x: int): int = yield 1
        template twice(x: untyped) = x
        proc `+`(a, b: Shape): Shape = a
        const Max* = 3
        var counter*: int
        """,
        """
        class Shape
        field Shape.name
        enum Color
        constant Color.red
        constant Color.green
        class Handle
        field Handle.x
        type Id
        function computeSum
        function computeSum.inner
        method speak
        function items
        macro twice
        function +
        constant Max
        variable counter
        """,
    )


def test_pascal_names_types_members_and_the_routines_of_a_unit(check_symbols):
    check_symbols(
        "Shapes.pas",
        """
        unit Shapes;
        interface
        const
          MaxVal = 3;
        type
          TColor = (Red, Green);
          TPoint = record X, Y: Integer; end;
          TShape = class(TObject)
          private
            FName: string;
          public
            constructor Create(n: string);
            function Area: Double; virtual;
            property Name: string read FName;
          end;
          INamed = interface procedure Rename; end;
        var
          Counter: Integer;
        procedure Draw(a: Integer);
        implementation
        procedure Draw(a: Integer);
        var local: Integer;
          procedure Nested; begin end;
        begin
        end;
        constructor TShape.Create(n: string); begin end;
        function TShape.Area: Double;
        begin Result := 1; end;
        end.
        """,
        """
        module Shapes
        constant MaxVal
        enum TColor
        constant TColor.Red
        constant TColor.Green
        struct TPoint
        field TPoint.X
        field TPoint.Y
        class TShape
        field TShape.FName
        constructor TShape.Create
        method TShape.Area
        property TShape.Name
        interface INamed
        method INamed.Rename
        variable Counter
        function Draw
        function Draw
        function Draw.Nested
        constructor TShape.Create
        method TShape.Area
        """,
    )


def test_ada_names_packages_subprograms_and_types(check_symbols):
    check_symbols(
        "shapes.adb",
        """
        with Ada.Text_IO;
        package body Shapes.Round is
           Max : constant Integer := 3;
           type Color is (Red, Green);
           type Point is record X : Integer; end record;
           subtype Small is Integer range 1 .. 3;
           procedure Compute_Sum (A : Integer) is
              Local : Integer;
              procedure Nested is begin null; end Nested;
           begin null; end Compute_Sum;
           function Twice (A : Integer) return Integer is (A + A);
           function "+" (A, B : Point) return Point is begin return A; end "+";
           protected body Guard is
              procedure Enter is begin null; end Enter;
           end Guard;
           Broken : exception;
        end Shapes.Round;
        """,
        """
        module Shapes.Round
        constant Shapes.Round.Max
        enum Shapes.Round.Color
        constant Shapes.Round.Color.Red
        constant Shapes.Round.Color.Green
        struct Shapes.Round.Point
        field Shapes.Round.Point.X
        type Shapes.Round.Small
        function Shapes.Round.Compute_Sum
        function Shapes.Round.Compute_Sum.Nested
        function Shapes.Round.Twice
        function Shapes.Round.+
        class Shapes.Round.Guard
        method Shapes.Round.Guard.Enter
        constant Shapes.Round.Broken
        """,
    )


def test_ada_specifications_name_what_they_declare(check_symbols):
    check_symbols(
        "shapes.ads",
        """
        package Shapes is
           procedure Compute_Sum (A : Integer);
           type Shape is tagged private;
           task type Worker is entry Start (X : Integer); end Worker;
           type Named is interface;
           generic
              type Item is private;
           procedure Swap (A : in out Item);
        private
           type Shape is tagged record X : Integer; end record;
        end Shapes;
        """,
        """
        module Shapes
        function Shapes.Compute_Sum
        type Shapes.Shape
        class Shapes.Worker
        method Shapes.Worker.Start
        interface Shapes.Named
        function Shapes.Swap
        struct Shapes.Shape
        field Shapes.Shape.X
        """,
    )


def test_d_names_aggregates_functions_and_manifest_constants(check_symbols):
    check_symbols(
        "shapes.d",
        """
        module my.shapes;
        enum MAX = 3;
        enum Color { red, green }
        struct Point { int x, y; this(int a) { x = a; } int size() const { return x; } }
        class Shape : Base { string name; @property int area() { return 1; } }
        interface Named { string name(); }
        template Twice(T) { alias Twice = T; }
        T gen(T)(T x) if (is(T : int)) { int local; return x; }
        alias Str = string;
        int counter = 1;
        unittest { assert(1); }
        """,
        """
        module my.shapes
        constant MAX
        enum Color
        constant Color.red
        constant Color.green
        struct Point
        field Point.x
        field Point.y
        constructor Point.this
        method Point.size
        class Shape
        field Shape.name
        method Shape.area
        interface Named
        method Named.name
        type Twice
        type Twice.Twice
        function gen
        type Str
        variable counter
        """,
    )


def test_gleam_names_functions_types_and_constants(check_symbols):
    check_symbols(
        "shapes.gleam",
        """
        import gleam/io
        pub const max = 3
        pub type Shape { Circle Square(side: Int) }
        pub type Id = Int
        pub fn compute_sum(a: Int) -> Int { let local = 1 a }
        @external(erlang, "a", "b")
        pub fn outside() -> Int
        """,
        """
        constant max
        type Shape
        constructor Shape.Circle
        constructor Shape.Square
        type Id
        function compute_sum
        function outside
        """,
    )


def test_elm_names_types_values_and_ports(check_symbols):
    check_symbols(
        "Main.elm",
        """
        module Main exposing (..)
        import Html exposing (text)
        type Msg = Inc | Dec Int
        type alias Model = { count : Int }
        port send : String -> Cmd msg
        computeSum : Int -> Int
        computeSum a =
            let
                local = 1
                helper y = y
            in
            a + local
        limit = 3
        """,
        """
        module Main
        type Msg
        constructor Msg.Inc
        constructor Msg.Dec
        type Model
        field Model.count
        function send
        function computeSum
        function computeSum.helper
        function limit
        """,
    )


def test_purescript_names_types_functions_and_classes(check_symbols):
    check_symbols(
        "Shapes.purs",
        """
        module Data.Shapes (f) where
        import Prelude
        data Color = Red | Green Int
        newtype Name = Name Int
        type Id = Int
        f :: Int -> Int
        f 0 = 1
        f x = x
        class Sized a where
          size :: a -> Int
        instance sizedInt :: Sized Int where
          size x = 1
        foreign import outside :: Int
        """,
        """
        module Data.Shapes
        type Color
        constructor Color.Red
        constructor Color.Green
        type Name
        constructor Name.Name
        type Id
        function f
        interface Sized
        method Sized.size
        method Sized.size
        function outside
        """,
    )


def test_haskell_names_modules_families_and_what_is_foreign(check_symbols):
    check_symbols(
        "Shapes.hs",
        """
        module Data.Shapes (f) where
        import Data.List (foldl')
        type family Elem c
        data family Store a
        data Tree a where
          Leaf :: Tree a
        pattern Pair x = (x, x)
        foreign import ccall "sin" c_sin :: Double -> Double
        f :: Int -> Int
        f x = x
        sum' xs = xs
        """,
        """
        module Data.Shapes
        type Elem
        type Store
        type Tree
        constructor Tree.Leaf
        constructor Pair
        function c_sin
        function f
        function sum'
        """,
    )
