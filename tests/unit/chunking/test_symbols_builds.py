def test_makefiles_name_targets_macros_and_variables(check_symbols):
    check_symbols(
        "Makefile",
        """
        CC := gcc
        FLAGS?=-O2
        define HELP
        text
        endef
        .PHONY: all
        all: compute_sum
        \techo 1
        compute_sum other: a.c
        \t$(CC) a.c
        """,
        """
        constant CC
        constant FLAGS
        macro HELP
        rule all
        rule compute_sum
        rule other
        """,
    )


def test_cmake_names_functions_targets_and_variables_outside_of_functions(check_symbols):
    check_symbols(
        "CMakeLists.txt",
        """
        project(Shapes LANGUAGES C)
        function(compute_sum a)
          set(local 1)
        endfunction()
        macro(twice a)
        endmacro()
        set(SOURCES a.c)
        option(WITH_TESTS "Tests" ON)
        add_library(shapes STATIC ${SOURCES})
        add_executable(app main.c)
        add_test(NAME works COMMAND app)
        # function(commented)
        """,
        """
        module Shapes
        function compute_sum
        macro twice
        constant SOURCES
        constant WITH_TESTS
        rule shapes
        rule app
        rule works
        """,
    )


def test_groovy_names_types_methods_and_tasks(check_symbols):
    check_symbols(
        "build.gradle",
        """
        class Shape extends Base implements Named {
          static final int MAX = 3
          Shape(String n) { name = n }
          def area(a, b = 1) { def local = 1 }
          List<String> names() { [] }
        }
        interface Named { String name() }
        enum Color { RED, GREEN }
        def computeSum(a) { return a }
        void call(Map m) { helper(m) { it } }
        def "a feature works"() { expect: true }
        tasks.register('compile') { }
        task hello { doLast { println 1 } }
        def limit = 1
        """,
        """
        class Shape
        constant Shape.MAX
        constructor Shape.Shape
        method Shape.area
        method Shape.names
        interface Named
        enum Color
        function computeSum
        function call
        function a feature works
        rule compile
        rule hello
        variable limit
        """,
    )


def test_terraform_names_blocks_by_their_labels(check_symbols):
    check_symbols(
        "main.tf",
        """
        variable "compute_sum" { type = string }
        resource "aws_instance" "web" {
          ami = "x"
          provisioner "local-exec" { command = "x" }
        }
        module "vpc" { source = "./vpc" }
        output "address" { value = 1 }
        locals {
          size = 1
        }
        """,
        """
        variable compute_sum
        class aws_instance.web
        module vpc
        property address
        variable size
        """,
    )


def test_hcl_of_other_tools_names_blocks_and_values(check_symbols):
    check_symbols(
        "job.hcl",
        """
        region = "eu"
        job "web" {
          group "servers" {
            task "nginx" { driver = "docker" }
          }
        }
        """,
        """
        key region
        class web
        class web.servers
        class web.servers.nginx
        """,
    )


def test_nix_names_functions_bindings_and_sets(check_symbols):
    check_symbols(
        "default.nix",
        """
        { lib, pkgs, ... }:
        let
          helper = x: x + 1;
          limit = 3;
        in
        {
          computeSum = a: b: a + b;
          services.nginx = { enable = true; };
          withArguments = { x, y ? 1 }: x;
        }
        """,
        """
        function helper
        variable limit
        function computeSum
        key services.nginx
        function withArguments
        """,
    )


def test_dockerfiles_name_stages_and_variables(check_symbols):
    check_symbols(
        "Dockerfile",
        """
        ARG VERSION=1
        FROM node:18 AS build
        ENV MODE=fast COLOR=red
        RUN make
        FROM build AS final
        """,
        """
        constant VERSION
        module build
        constant MODE
        constant COLOR
        module final
        """,
    )


def test_starlark_names_macros_constants_and_targets(check_symbols):
    check_symbols(
        "BUILD.bazel",
        """
        LIMIT = 1
        def compute_sum(name):
            local = 1
        cc_library(name = "core", srcs = [])
        """,
        """
        constant LIMIT
        function compute_sum
        rule core
        """,
    )
