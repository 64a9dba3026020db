def test_powershell_names_functions_classes_enums_and_script_variables(check_symbols):
    check_symbols(
        "tools.ps1",
        """
        function Get-Sum {
            param($a)
            $local = 1
            $a
        }
        filter Select-Odd { if ($_ % 2) { $_ } }
        class Person : Base {
            [string]$Name
            Person([string]$n) { $this.Name = $n }
            [string] Greet() { return $this.Name }
        }
        enum Color { Red; Green = 2 }
        $Limit = 2
        $handler = { param($x) $x }
        # function Commented { }
        """,
        """
        function Get-Sum
        function Select-Odd
        class Person
        property Person.Name
        constructor Person.Person
        method Person.Greet
        enum Color
        constant Color.Red
        constant Color.Green
        variable Limit
        function handler
        """,
    )


def test_vim_names_functions_commands_groups_and_script_variables(check_symbols):
    check_symbols(
        "plugin.vim",
        """
        function! s:ComputeSum(a) abort
          let l:local = 1
        endfunction
        function! foo#bar(...) dict
        endfunction
        let g:limit = 1
        const MAX = 3
        command! -nargs=1 Sum call s:ComputeSum(<q-args>)
        augroup Sums
          autocmd!
        augroup END
        " function! Commented()
        """,
        """
        function s:ComputeSum
        function foo#bar
        variable g:limit
        constant MAX
        function Sum
        namespace Sums
        """,
    )


def test_tcl_names_procedures_namespaces_classes_and_methods(check_symbols):
    check_symbols(
        "shapes.tcl",
        """
        proc compute_sum {a {b 1}} {
            set local 1
            return $a
        }
        namespace eval shapes {
            variable count 1
            proc area {} { }
        }
        proc ::shapes::name {} {}
        set limit 1
        oo::class create Dog {
            constructor {n} { set name $n }
            method bark {x} { puts $x }
        }
        oo::define Dog method run {} { }
        """,
        """
        function compute_sum
        namespace shapes
        variable shapes.count
        function shapes.area
        function shapes.name
        variable limit
        class Dog
        constructor Dog.constructor
        method Dog.bark
        method Dog.run
        """,
    )


def test_fish_names_functions_aliases_and_global_variables(check_symbols):
    check_symbols(
        "config.fish",
        """
        function compute_sum -a x --description 'Sums'
            set local 1
        end
        set -gx EDITOR vim
        alias ll 'ls -l'
        """,
        """
        function compute_sum
        constant EDITOR
        function ll
        """,
    )


def test_vim9_functions_are_named_without_their_arguments(check_symbols):
    check_symbols(
        "plugin.vim",
        """
        vim9script
        export def ComputeSum(a: number, b: string): number
          return a
        enddef
        def Draw()
        enddef
        """,
        """
        function ComputeSum
        function Draw
        """,
    )
