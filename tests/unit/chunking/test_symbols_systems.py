# ruff: noqa: E101  (Go is written with tabs)


def test_go_gives_methods_their_receiver_type(check_symbols):
    check_symbols(
        "server.go",
        """
        package server

        import "net/http"

        const MaxConns = 100

        const (
        	StateIdle = iota
        	StateBusy
        )

        var ErrClosed = errors.New("closed")

        // Server serves.
        type Server struct {
        	Addr   string
        	mu, mv sync.Mutex
        	http.Handler
        }

        type Handler interface {
        	Serve(w http.ResponseWriter) error
        }

        type ID = string

        func (s *Server) Start(ctx context.Context) error {
        	const local = 1
        	x := `func quoted() {}`
        	return nil
        }

        func (l List[T]) Len() int { return 0 }

        func New(addr string) *Server { return &Server{} }
        """,
        """
        constant MaxConns
        constant StateIdle
        constant StateBusy
        variable ErrClosed
        struct Server
        field Server.Addr
        field Server.mu
        field Server.mv
        interface Handler
        method Handler.Serve
        type ID
        method Server.Start
        method List.Len
        function New
        """,
    )


def test_rust_gives_methods_the_type_of_their_impl_block(check_symbols):
    check_symbols(
        "shape.rs",
        """
        const LIMIT: usize = 3;
        static NAME: &str = "fn quoted() {}";
        /// A point.
        #[derive(Debug)]
        pub struct Point<T> { pub x: T, y: T }
        enum Shape { Circle(f64), Square }
        trait Area { const SIDES: u8; fn area(&self) -> f64; fn twice(&self) -> f64 { 1.0 } }
        impl<T> Area for Point<T> { fn area(&self) -> f64 { let z = 1; 0.0 } }
        impl fmt::Display for crate::Point<u8> { fn fmt(&self) {} }
        impl Point<f64> { const ZERO: u8 = 0; pub fn new() -> Self { todo!() } }
        macro_rules! square { ($x:expr) => { $x * $x }; }
        mod inner { pub fn helper() {} }
        type Alias = Vec<u8>;
        union Bits { a: u8 }
        // fn commented() {}
        fn main() { const LOCAL: u8 = 1; fn nested() {} }
        """,
        """
        constant LIMIT
        constant NAME
        struct Point
        field Point.x
        field Point.y
        enum Shape
        constant Shape.Circle
        constant Shape.Square
        trait Area
        constant Area.SIDES
        method Area.area
        method Area.twice
        method Point.area
        method Point.fmt
        constant Point.ZERO
        method Point.new
        macro square
        module inner
        function inner.helper
        type Alias
        union Bits
        field Bits.a
        function main
        function main.nested
        """,
    )


def test_c_names_macros_structs_enums_typedefs_functions_and_globals(check_symbols):
    check_symbols(
        "list.c",
        """
        #define MAX 10
        #define SQUARE(x) ((x) * (x))
        #include <stdio.h>
        typedef struct { int x; int *y[3]; } point_t;
        typedef int (*callback)(int);
        struct node { struct node *next; int (*visit)(void); };
        enum color { RED, GREEN = 2 };
        union value { int i; float f; };
        static int counter = 0;
        static const char *names[] = {"int quoted(void) {}"};
        int add(int a, int b);
        static int subtract(int a, int b) { int local = 1; int f(int); return a - b; }
        char *duplicate(const char *s) { return 0; }
        static struct node **find(void) { return 0; }
        /* int commented(void) {} */
        #ifdef DEBUG
        int checked(void) { return 1; }
        #endif
        """,
        """
        macro MAX
        macro SQUARE
        struct point_t
        field point_t.x
        field point_t.y
        type callback
        struct node
        field node.next
        field node.visit
        enum color
        constant color.RED
        constant color.GREEN
        union value
        field value.i
        field value.f
        variable counter
        constant names
        function add
        function subtract
        function duplicate
        function find
        function checked
        """,
    )


def test_cpp_names_namespaces_members_and_definitions_outside_their_class(check_symbols):
    check_symbols(
        "queue.cpp",
        """
        namespace app { namespace net {
        template <typename T>
        class Queue : public Base {
         public:
          Queue();
          explicit Queue(int n) : n_(n) {}
          ~Queue() {}
          void push(const T& v) { items.push_back(v); }
          virtual int size() const = 0;
          bool operator==(const Queue& o) const { return true; }
          enum class Mode { Fast, Slow };
         private:
          std::vector<T> items, *more;
          struct Inner { int z; };
        };
        }}
        namespace a::b { int f() { return 1; } }
        void app::net::Queue<int>::push(const int& v) { auto l = [] { int hidden = 1; return 1; }; }
        A::A(int x) : x_(x) {}
        A::~A() {}
        int& A::get() { return x; }
        using Map = std::map<int, int>;
        template <class T> T largest(T a, T b) { return a; }
        constexpr int kLimit = 3;
        int main() { int local; return 0; }
        """,
        """
        namespace app
        namespace app.net
        class app.net.Queue
        constructor app.net.Queue.Queue
        constructor app.net.Queue.Queue
        method app.net.Queue.~Queue
        method app.net.Queue.push
        method app.net.Queue.size
        method app.net.Queue.operator==
        enum app.net.Queue.Mode
        constant app.net.Queue.Mode.Fast
        constant app.net.Queue.Mode.Slow
        field app.net.Queue.items
        field app.net.Queue.more
        struct app.net.Queue.Inner
        field app.net.Queue.Inner.z
        namespace a.b
        function a.b.f
        method app.net.Queue.push
        constructor A.A
        method A.~A
        method A.get
        type Map
        function largest
        constant kLimit
        function main
        """,
    )


def test_a_header_that_reads_like_cpp_is_cpp(check_symbols):
    check_symbols(
        "queue.h",
        """
        #include <vector>
        class Queue {
         public:
          void push(int v);
        };
        """,
        """
        class Queue
        method Queue.push
        """,
    )


def test_zig_names_containers_functions_and_tests(check_symbols):
    check_symbols(
        "point.zig",
        """
        const std = @import("std");
        const MAX: usize = 10;
        var counter: u32 = 0;
        /// A point.
        pub const Point = struct {
            x: f32,
            y: f32 = 0,
            pub fn init(x: f32) Point { const local = 1; return .{ .x = x }; }
        };
        const Color = enum { red, green };
        const Value = union(enum) { int: i64 };
        // fn commented() void {}
        pub fn main() !void { const other = 1; }
        test "adds" { try x(); }
        """,
        """
        constant MAX
        variable counter
        struct Point
        field Point.x
        field Point.y
        method Point.init
        enum Color
        constant Color.red
        constant Color.green
        union Value
        field Value.int
        function main
        function adds
        """,
    )


def test_swift_names_types_extensions_and_members(check_symbols):
    check_symbols(
        "Shape.swift",
        """
        import Foundation
        let maxCount = 10
        var counter: Int = 0
        /// A shape.
        protocol Shape { var area: Double { get }; func draw() }
        @objc class Circle: Shape {
            let radius: Double
            var area: Double { return 3.14 }
            init(radius: Double) { let local = 1; self.radius = radius }
            func draw() { print("func quoted() {}") }
        }
        struct Point { var x: Int }
        enum Color: String { case red, green }
        extension Circle { func grow() {} }
        typealias Handler = (Int) -> Void
        func main() { let y = 1 }
        """,
        """
        constant maxCount
        variable counter
        interface Shape
        property Shape.area
        method Shape.draw
        class Circle
        property Circle.radius
        property Circle.area
        constructor Circle.init
        method Circle.draw
        struct Point
        property Point.x
        enum Color
        constant Color.red
        constant Color.green
        method Circle.grow
        type Handler
        function main
        """,
    )


def test_swift_functions_are_not_called_by_their_results(check_symbols):
    check_symbols(
        "a.swift",
        """
        protocol Source { func next() -> Header? }
        struct Header {
          static func == (a: Header, b: Header) -> Bool { true }
          func pair() async throws -> (Header, [String: Header]) { fatalError() }
          func map<T>(_ f: (Header) -> T) -> some Sequence { [f(self)] }
        }
        """,
        """
        interface Source
        method Source.next
        struct Header
        method Header.==
        method Header.pair
        method Header.map
        """,
    )


def test_hare_names_types_constants_and_functions(check_symbols):
    check_symbols(
        "point.ha",
        """
        use fmt;
        // A point.
        export type point = struct {
            x: int,
        };
        type shape = (circle | square);
        type color = enum u8 { RED = 1, GREEN };
        export def MAX: size = 64;
        let counter: int = 0;
        // fn commented() void = void;
        @test fn it_adds() void = { const local = 1; assert(add(1, 2) == 3); };
        export fn add(a: int, b: int) int = a + b;
        """,
        """
        struct point
        field point.x
        type shape
        enum color
        constant color.RED
        constant color.GREEN
        constant MAX
        variable counter
        function it_adds
        function add
        """,
    )
