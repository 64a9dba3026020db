import pytest

from cognate.chunking import chunk_file
from cognate.chunking.symbols import MAX_KEYS


def test_toml_names_tables_and_first_keys(check_symbols):
    check_symbols(
        "pyproject.toml",
        """
        top = 1
        [compute_sum]
        a = 1
        [tool."x y"]
        b = { c = 1 }
        [[bin]]
        name = "x"
        """,
        """
        key top
        key compute_sum
        key tool."x y"
        key bin
        """,
    )


def test_yaml_names_the_keys_of_the_first_level(check_symbols):
    check_symbols(
        "config.yaml",
        """
        # Comment.
        compute_sum:
          inner: 1
        "quoted key": 1
        list:
          - item: 1
        ---
        second: document
        """,
        """
        key compute_sum
        key quoted key
        key list
        key second
        """,
    )


def test_json_names_the_keys_of_the_first_level(check_symbols):
    check_symbols(
        "package.json",
        """
        {
          "name": "x",
          "scripts": {"build": "y"},
          "list": [{"inner": 1}]
        }
        """,
        """
        key name
        key scripts
        key list
        """,
    )


def test_ini_names_sections_and_what_stands_before_them(check_symbols):
    check_symbols(
        "setup.ini",
        """
        ; Comment.
        top = 1
        [section one]
        key = value
        """,
        """
        key top
        key section one
        """,
    )


def test_properties_name_their_keys(check_symbols):
    check_symbols(
        "app.properties",
        """
        # Comment.
        server.port = 80
        name: x
        """,
        """
        key server.port
        key name
        """,
    )


def test_protocol_buffers_name_messages_fields_services_and_calls(check_symbols):
    check_symbols(
        "shapes.proto",
        """
        syntax = "proto3";
        package shapes.v1;
        message Circle {
          int32 radius = 1;
          map<string, int32> tags = 2;
          oneof kind { string label = 3; }
          message Inner { int32 z = 1; }
        }
        enum Color { RED = 0; }
        service Shapes { rpc GetCircle (Request) returns (stream Circle); }
        """,
        """
        namespace shapes.v1
        struct Circle
        field Circle.radius
        field Circle.tags
        field Circle.kind
        field Circle.kind.label
        struct Circle.Inner
        field Circle.Inner.z
        enum Color
        constant Color.RED
        interface Shapes
        method Shapes.GetCircle
        """,
    )


def test_thrift_names_structs_services_and_calls(check_symbols):
    check_symbols(
        "shapes.thrift",
        """
        struct Circle { 1: i32 radius }
        enum Color { RED = 1, GREEN }
        service Shapes extends Base { Circle getCircle(1: i32 id) }
        exception Broken { 1: string message }
        const i32 MAX = 3
        typedef i32 Id
        """,
        """
        struct Circle
        field Circle.radius
        enum Color
        constant Color.RED
        constant Color.GREEN
        interface Shapes
        method Shapes.getCircle
        class Broken
        field Broken.message
        constant MAX
        type Id
        """,
    )


def test_cap_n_proto_names_structs_and_methods(check_symbols):
    check_symbols(
        "shapes.capnp",
        """
        @0xdbb9ad1f14bf0b36;
        struct Circle { radius @0 :Int32; enum Color { red @0; } }
        interface Shapes { get @0 (id :Int32) -> (circle :Circle); }
        const max :Int32 = 3;
        """,
        """
        struct Circle
        field Circle.radius
        enum Circle.Color
        constant Circle.Color.red
        interface Shapes
        method Shapes.get
        constant max
        """,
    )


def test_graphql_names_types_fields_and_operations(check_symbols):
    check_symbols(
        "schema.graphql",
        """
        type Circle implements Node { radius: Int area(unit: Int): Float! }
        input NewCircle { radius: Int = 1 }
        enum Color { RED GREEN }
        union Shape = Circle | Square
        scalar Date
        extend type Query { shapes: [Shape] }
        query GetCircle($id: ID) { circle(id: $id) { ...Parts } }
        fragment Parts on Circle { radius }
        """,
        """
        class Circle
        field Circle.radius
        field Circle.area
        struct NewCircle
        field NewCircle.radius
        enum Color
        constant Color.RED
        constant Color.GREEN
        union Shape
        type Date
        field Query.shapes
        function GetCircle
        function Parts
        """,
    )


def test_prisma_names_models_fields_and_enums(check_symbols):
    check_symbols(
        "schema.prisma",
        """
        generator client {
          provider = "x"
        }
        /// A user.
        model User {
          id   Int     @id
          name String?
        }
        enum Role {
          ADMIN
          USER
        }
        """,
        """
        module client
        table User
        field User.id
        field User.name
        enum Role
        constant Role.ADMIN
        constant Role.USER
        """,
    )


def test_restructured_text_names_headings(check_symbols):
    check_symbols(
        "guide.rst",
        """
        =====
        Guide
        =====

        Text.

        Compute sum
        ===========

        Text.
        """,
        """
        heading Guide
        heading Compute sum
        """,
    )


def test_latex_names_headings_and_commands(check_symbols):
    check_symbols(
        "paper.tex",
        r"""
        \documentclass{article}
        \newcommand{\shape}[1]{x}
        \begin{document}
        \section{Compute sum}
        Text.
        \subsection{More}
        Text.
        \end{document}
        """,
        r"""
        macro \shape
        heading Compute sum
        heading Compute sum.More
        """,
    )


@pytest.mark.parametrize(
    ("path", "line"), [("en.json", '"key{}": "text",'), ("en.yaml", "key{}: text"), ("en.ini", "[key{}]")]
)
def test_the_keys_of_a_table_are_rows_and_none_of_them_is_a_symbol(path: str, line: str):
    def keys(count: int) -> int:
        text = "\n".join(line.format(number) for number in range(count))
        text = f'{{{text} "last": 1}}' if path.endswith("json") else text
        return sum(len(chunk.symbols) for chunk in chunk_file(path, text).chunks)

    assert keys(MAX_KEYS - 1) >= MAX_KEYS - 1
    assert keys(MAX_KEYS + 1) == 0
