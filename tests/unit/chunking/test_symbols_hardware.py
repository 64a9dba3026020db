"""Languages of circuits, and Fortran in both of its forms."""


def test_systemverilog_names_modules_classes_and_methods_behind_macros(check_symbols):
    check_symbols(
        "counter.sv",
        """
        `define WIDTH 8
        // module not_me;
        module counter #(parameter N = 8)(input clk, output logic [N-1:0] q);
          localparam MAX = 3;
          function automatic [7:0] add(input [7:0] a); add = a; endfunction
          task reset; q = 0; endtask
        endmodule
        package bus_pkg;
          typedef enum logic [1:0] {IDLE, RUN} state_e;
          typedef struct packed { logic a; } word_t;
          typedef logic [3:0] nibble_t;
          typedef class driver;
          class driver #(type T = int) extends uvm_driver #(T);
            `uvm_component_utils(driver)
            function new(string name);
              super.new(name);
            endfunction
            extern virtual task run_phase(uvm_phase phase);
            constraint small { x < 3; }
          endclass
        endpackage
        task driver::run_phase(uvm_phase phase);
        endtask
        interface bus_if(input logic clk);
        endinterface
        """,
        """
        macro WIDTH
        module counter
        constant counter.MAX
        function counter.add
        function counter.reset
        module bus_pkg
        enum bus_pkg.state_e
        constant bus_pkg.state_e.IDLE
        constant bus_pkg.state_e.RUN
        struct bus_pkg.word_t
        type bus_pkg.nibble_t
        class bus_pkg.driver
        constructor bus_pkg.driver.new
        method bus_pkg.driver.run_phase
        rule bus_pkg.driver.small
        method driver.run_phase
        interface bus_if
        """,
    )


def test_vhdl_names_entities_architectures_packages_and_types(check_symbols):
    check_symbols(
        "counter.vhd",
        """
        library ieee;
        use ieee.std_logic_1164.all;
        -- Counts.
        entity counter is
          generic (N : integer := 8);
          port (clk : in std_logic);
        end entity;
        architecture rtl of counter is
          signal s : std_logic;
          constant LIMIT : integer := 1;
          type state_t is (IDLE, RUN);
          type word_t is record
            low : integer;
          end record;
          subtype byte is integer range 0 to 255;
          component adder is port (a : in std_logic); end component;
          function add(a : integer) return integer is begin return a; end function;
        begin
          tick : process(clk) begin end process;
        end architecture;
        package util is
          function f(a : integer) return integer;
        end package;
        package body util is
          procedure reset(signal x : in std_logic) is begin end procedure;
        end package body;
        """,
        """
        class counter
        module counter.rtl
        constant counter.rtl.LIMIT
        enum counter.rtl.state_t
        constant counter.rtl.state_t.IDLE
        constant counter.rtl.state_t.RUN
        struct counter.rtl.word_t
        field counter.rtl.word_t.low
        type counter.rtl.byte
        interface counter.rtl.adder
        function counter.rtl.add
        function counter.rtl.tick
        module util
        function util.f
        module util
        function util.reset
        """,
    )


def test_fortran_names_modules_types_and_procedures(check_symbols):
    check_symbols(
        "solver.f90",
        """
        module solver
          use iso_c_binding
          integer, parameter :: LIMIT = 10
          real :: tolerance
          type, extends(base) :: point
            real :: x
          contains
            procedure :: norm => point_norm
          end type point
          interface area
            module procedure area_circle
          end interface
          enum, bind(c)
            enumerator :: red = 1
          end enum
        contains
          ! Solves.
          subroutine solve(a)
            integer :: a, local
          end subroutine solve
          pure real function residual(x) result(r)
            real, intent(in) :: x
          end function
        end module solver
        program main
        end program main
        """,
        """
        module solver
        constant solver.LIMIT
        variable solver.tolerance
        struct solver.point
        field solver.point.x
        method solver.point.norm
        interface solver.area
        constant solver.red
        function solver.solve
        function solver.residual
        module main
        """,
    )


def test_fortran_in_fixed_form_names_no_comment(check_symbols):
    check_symbols(
        "dgemm.f",
        """
        *> \\brief DGEMM
        *      SUBROUTINE NOTME(A)
              SUBROUTINE DGEMM(TRANSA,
             $                 N)
        C     .. Arguments ..
              INTEGER N
              CALL OTHER(N)
              END
              DOUBLE PRECISION FUNCTION DDOT(N)
              DDOT = 1
              RETURN
              END
        """,
        """
        function DGEMM
        function DDOT
        """,
    )
