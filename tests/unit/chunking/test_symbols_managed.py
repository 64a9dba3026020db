def test_java_names_types_members_and_constants(check_symbols):
    check_symbols(
        "UserService.java",
        """
        package com.example;
        import java.util.List;
        /** Doc: class NotMe {} */
        @Service
        public class UserService extends Base implements Shape {
            private static final int MAX = 10;
            private String name, other;
            public UserService(String name) { this.name = name; }
            @Override
            public List<User> findAll() { int local = 1; return null; }
            interface Callback { void call(int x); }
            enum Status { ACTIVE, INACTIVE; void go() {} }
        }
        record Point(int x, int y) { int sum() { return x; } }
        @interface Marker { String value() default ""; }
        """,
        """
        class UserService
        constant UserService.MAX
        field UserService.name
        field UserService.other
        constructor UserService.UserService
        method UserService.findAll
        interface UserService.Callback
        method UserService.Callback.call
        enum UserService.Status
        constant UserService.Status.ACTIVE
        constant UserService.Status.INACTIVE
        method UserService.Status.go
        class Point
        method Point.sum
        interface Marker
        method Marker.value
        """,
    )


def test_kotlin_names_types_objects_properties_and_extension_functions(check_symbols):
    check_symbols(
        "UserService.kt",
        """
        package com.example
        const val MAX = 10
        val name: String = "fun quoted() {}"
        typealias Handler = (Int) -> Unit
        /** Doc */
        @Component
        class UserService(private val repo: Repo, size: Int) : Base() {
            var count = 0
            constructor(x: Int) : this(Repo())
            init { val hidden = 1 }
            fun find(id: Int): User? { val local = 1; return null }
            companion object { const val TAG = "x"; fun create() = 1 }
        }
        data class Point(val x: Int)
        interface Shape { fun area(): Double }
        enum class Color { RED, GREEN; fun hex() = 1 }
        object Registry { fun get() {} }
        fun String.shout(): String = uppercase()
        fun main() { fun nested() {} }
        """,
        """
        constant MAX
        variable name
        type Handler
        class UserService
        property UserService.repo
        property UserService.count
        constructor UserService.constructor
        method UserService.find
        constant UserService.TAG
        method UserService.create
        class Point
        property Point.x
        interface Shape
        method Shape.area
        enum Color
        constant Color.RED
        constant Color.GREEN
        method Color.hex
        class Registry
        method Registry.get
        method String.shout
        function main
        function main.nested
        """,
    )


def test_a_kotlin_companion_with_a_name_is_a_class(check_symbols):
    check_symbols(
        "Node.kt",
        """
        class Node {
            companion object Factory : Maker<Node> {
                fun root() = Node()
            }
        }
        class Leaf {
            private companion object {
                fun leaf() = Leaf()
            }
        }
        """,
        """
        class Node
        class Node.Factory
        method Node.Factory.root
        class Leaf
        method Leaf.leaf
        """,
    )


def test_csharp_names_namespaces_types_and_members(check_symbols):
    check_symbols(
        "UserService.cs",
        """
        using System;
        namespace App.Core
        {
            /// <summary>Doc</summary>
            [Serializable]
            public class UserService : Base
            {
                private const int Max = 10;
                private readonly string _name, _other;
                public string Name { get; set; }
                public event EventHandler Changed;
                public UserService(string name) { _name = name; }
                public async Task<int> FindAsync(int id) { int local = 1; int Nested() { return 1; } return 1; }
            }
            interface IShape { double Area(); }
            struct Point { public int Left; }
            enum Color { Red, Green = 2 }
            record Person(string Name);
            delegate int Operation(int a);
        }
        """,
        """
        namespace App.Core
        class App.Core.UserService
        constant App.Core.UserService.Max
        field App.Core.UserService._name
        field App.Core.UserService._other
        property App.Core.UserService.Name
        property App.Core.UserService.Changed
        constructor App.Core.UserService.UserService
        method App.Core.UserService.FindAsync
        function App.Core.UserService.FindAsync.Nested
        interface App.Core.IShape
        method App.Core.IShape.Area
        struct App.Core.Point
        field App.Core.Point.Left
        enum App.Core.Color
        constant App.Core.Color.Red
        constant App.Core.Color.Green
        class App.Core.Person
        type App.Core.Operation
        """,
    )


def test_scala_names_classes_objects_traits_and_members(check_symbols):
    check_symbols(
        "UserService.scala",
        """
        package com.example
        import scala.collection._
        /** Doc */
        @deprecated
        class UserService(repo: Repo) extends Base with Shape {
          val name = "def quoted = 1"
          var count: Int = 0
          private def find(id: Int): Option[User] = { val local = 1; None }
          def all: List[User]
          type Id = Int
        }
        object Registry { def get(): Int = 1; val LIMIT = 10 }
        trait Shape { def area: Double }
        case class Point(x: Int, y: Int)
        enum Color { case Red, Green }
        def topLevel(x: Int) = x
        val top = 1
        """,
        """
        class UserService
        field UserService.name
        field UserService.count
        method UserService.find
        method UserService.all
        type UserService.Id
        class Registry
        method Registry.get
        constant Registry.LIMIT
        trait Shape
        method Shape.area
        class Point
        enum Color
        constant Color.Red
        constant Color.Green
        function topLevel
        constant top
        """,
    )
