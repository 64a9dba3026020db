def test_emacs_lisp_names_what_its_lists_define(check_symbols):
    check_symbols(
        "mode.el",
        """
        ;;; mode.el --- A mode  -*- lexical-binding: t -*-
        (require 'cl-lib)
        (defvar my-var 1 "Doc.")
        (defconst my-const 2)
        (defcustom my-custom 3 "Doc." :type 'integer)
        (defun compute-sum (a b)
          "(defun not-me ())"
          (let ((x 1)) (+ a b)))
        (defmacro with-x (a &rest body) `(progn (defun ,a ()) ,@body))
        (cl-defun keyed (a &key b) a)
        (cl-defmethod handle ((x foo) b) x)
        (cl-defstruct (point (:include base)) x y)
        (defclass shape () ((slot :initarg :slot)))
        (define-minor-mode my-mode "Doc." :lighter "x")
        (define-key my-map (kbd "a") 'b)
        (default-value 'x)
        (defalias 'other #'compute-sum)
        ;;;###autoload
        (defun auto () (interactive))
        """,
        """
        variable my-var
        constant my-const
        variable my-custom
        function compute-sum
        macro with-x
        function keyed
        method handle
        struct point
        class shape
        function my-mode
        function other
        function auto
        """,
    )


def test_common_lisp_names_functions_methods_classes_and_packages(check_symbols):
    check_symbols(
        "shapes.lisp",
        """
        (defpackage :shapes (:use :cl))
        (in-package :shapes)
        (defvar *count* 1)
        (defconstant +limit+ 3)
        (defun area-of (a) (flet ((helper (x) x)) a))
        (defmacro with-shape ((a) &body body) `(progn ,@body))
        (defgeneric area (s))
        (defmethod area :before ((s circle)) 1)
        (defun (setf radius) (v) v)
        (defclass circle (shape) ((r :initarg :r)))
        (defstruct (point (:include base)) x y)
        (define-condition broken (error) ())
        (deftype small () 'integer)
        (eval-when (:load-toplevel) (deftest sums 1))
        (default-area 1)
        """,
        """
        namespace shapes
        variable *count*
        constant +limit+
        function area-of
        macro with-shape
        function area
        method area
        function (setf radius)
        class circle
        struct point
        class broken
        type small
        function sums
        """,
    )


def test_scheme_names_functions_variables_syntax_and_records(check_symbols):
    check_symbols(
        "lists.scm",
        """
        (define-library (my lists) (export f))
        (define (compute-sum a b) (define (inner x) x) (define local 1) (+ a b))
        (define limit 3)
        (define square (lambda (x) (* x x)))
        (define ((curried a) b) a)
        (define-syntax swap! (syntax-rules () ((_ a b) 1)))
        (define-record-type <point> (make-point x y) point? (x point-x))
        (define* (optional a #:key (b 1)) a)
        ; (define (commented) 1)
        """,
        """
        module (my lists)
        function compute-sum
        function compute-sum.inner
        variable limit
        function square
        function curried
        macro swap!
        struct <point>
        function optional
        """,
    )


def test_racket_names_structs_modules_and_classes_too(check_symbols):
    check_symbols(
        "shapes.rkt",
        """
        #lang racket
        (require racket/list)
        (define (area s) s)
        (define/contract (checked a) (-> any/c any) a)
        (define-syntax-rule (twice a) (begin a a))
        (struct point (x y) #:transparent)
        (module+ test (define (check) 1))
        (define canvas% (class object% (define/public (draw x) x) (super-new)))
        """,
        """
        function area
        function checked
        macro twice
        struct point
        module test
        function test.check
        class canvas%
        function canvas%.draw
        """,
    )


def test_fennel_names_functions_macros_and_file_variables(check_symbols):
    check_symbols(
        "init.fnl",
        """
        (local limit 1)
        (fn compute-sum [a b] (local inner 1) (+ a b))
        (fn M.setup [] 1)
        (macro when-not [x] x)
        """,
        """
        variable limit
        function compute-sum
        function M.setup
        macro when-not
        """,
    )
