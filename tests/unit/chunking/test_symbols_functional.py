def test_elixir_names_modules_functions_macros_and_types(check_symbols):
    check_symbols(
        "user.ex",
        '''
        defmodule App.User do
          @moduledoc """
          def not_me, do: 1
          """
          @timeout 5000
          @type t :: %__MODULE__{}
          @doc "Find"
          @spec find(integer) :: t
          def find(id) do
            local = 1
            id
          end
          def find(id, opts) when is_list(opts), do: id
          defp helper(x), do: x
          defmacro trace(x) do x end
          def no_args, do: 1
          defmodule Inner do
            def run, do: 1
          end
        end
        defprotocol Size do
          def size(data)
        end
        defimpl Size, for: Map do
          def size(m), do: 1
        end
        ''',
        """
        module App.User
        constant App.User.timeout
        type App.User.t
        function App.User.find
        function App.User.find
        function App.User.helper
        macro App.User.trace
        function App.User.no_args
        module App.User.Inner
        function App.User.Inner.run
        interface Size
        function Size.size
        function Size.size
        """,
    )


def test_haskell_names_a_function_once_however_many_equations_it_has(check_symbols):
    check_symbols(
        "Shape.hs",
        """
        module Data.Shape (area) where
        import Data.List
        -- | Doc
        double :: Int -> Int
        double 0 = 0
        double n = n * go n
          where go x = x
        data Shape = Circle Double | Square { side :: Double } deriving Show
        newtype Id = Id Int
        type Name = String
        class Area a where
          area :: a -> Double
        instance Area Shape where
          area (Circle r) = r
          area (Square s) = s
        limit = 3
        main :: IO ()
        main = do
          let local = 1
          print "double = quoted"
        """,
        """
        module Data.Shape
        function double
        type Shape
        constructor Shape.Circle
        constructor Shape.Square
        field Shape.side
        type Id
        constructor Id.Id
        type Name
        interface Area
        method Area.area
        method Area.area
        constant limit
        function main
        """,
    )


def test_sql_names_tables_columns_views_and_functions(check_symbols):
    check_symbols(
        "schema.sql",
        """
        -- CREATE TABLE commented (id int);
        CREATE TABLE IF NOT EXISTS app.users (
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL
        );
        CREATE VIEW active AS SELECT * FROM users;
        CREATE OR REPLACE FUNCTION total(a int) RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql;
        CREATE TRIGGER touch BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION f();
        CREATE TYPE mood AS ENUM ('sad', 'ok');
        INSERT INTO users VALUES (1);
        """,
        """
        table app.users
        field app.users.id
        field app.users.name
        table active
        function total
        function touch
        type mood
        """,
    )


def test_ocaml_names_bindings_types_and_what_modules_hold(check_symbols):
    check_symbols(
        "stack.ml",
        """
        open Core
        (** A stack of values. *)
        type 'a t = { items : 'a list; mutable size : int }
        type shape = Circle of float | Square
        exception Empty of string
        let empty = { items = []; size = 0 }
        let push stack item = let local x = x in local item
        let rec even n = n = 0 || odd (n - 1)
        and odd n = n <> 0 && even (n - 1)
        let ( >>= ) value f = f value
        let describe = function Circle _ -> "c" | Square -> "s"
        module Queue = struct
          let limit = 10
          let pop queue = queue
        end
        module type S = sig
          val run : int -> int
        end
        class counter = object
          val mutable count = 0
          method increment = count <- count + 1
        end
        external hash : 'a -> int = "hash"
        let%test "pushes" = true
        let () = print_endline "let not_me = 1"
        """,
        """
        type t
        field t.items
        field t.size
        type shape
        constant shape.Circle
        constant shape.Square
        class Empty
        variable empty
        function push
        function push.local
        function even
        function odd
        function >>=
        function describe
        module Queue
        variable Queue.limit
        function Queue.pop
        interface S
        function S.run
        class counter
        field counter.count
        method counter.increment
        function hash
        function pushes
        """,
    )


def test_an_ocaml_interface_names_what_it_declares(check_symbols):
    check_symbols(
        "stack.mli",
        """
        (** A stack. *)
        type 'a t
        type shape = Circle of float | Square
        exception Empty of string
        val push : 'a t -> 'a -> 'a t
        val ( >>= ) : 'a -> ('a -> 'b) -> 'b
        module Queue : sig
          val pop : 'a -> 'a
        end
        module type S = sig end
        class type counter = object
          method increment : unit
        end
        external hash : 'a -> int = "hash"
        """,
        """
        type t
        type shape
        constant shape.Circle
        constant shape.Square
        class Empty
        function push
        function >>=
        module Queue
        function Queue.pop
        interface S
        interface counter
        method counter.increment
        function hash
        """,
    )


def test_clojure_names_what_each_form_defines(check_symbols):
    check_symbols(
        "store.cljc",
        """
        (ns app.store "A store." (:require [clojure.string :as str]))
        ;; Limits
        (def ^:private limit 10)
        (defonce state (atom {}))
        (defn add-item "Adds." [store item] (let [local 1] (conj store item)))
        (defn- hidden? ([x] x))
        (def shout (fn [text] (str/upper-case text)))
        (defmacro unless [condition & body] `(if ~condition nil ~@body))
        (defprotocol Shape (area [this]) (scale! [this by]))
        (defrecord Circle [r] Shape (area [this] (* r r)))
        (deftype Point [x y])
        (extend-type Point Shape (area [_] 0))
        (defmulti render :kind)
        (defmethod render :circle [shape] "o")
        (deftest adds-items (testing "x" (is true)))
        (s/def ::name string?)
        #?(:clj (defn only-jvm [] 1))
        """,
        """
        module app.store
        variable limit
        variable state
        function add-item
        function hidden?
        function shout
        macro unless
        interface Shape
        method Shape.area
        method Shape.scale!
        class Circle
        method Circle.area
        class Point
        method Point.area
        function render
        function render
        function adds-items
        type name
        function only-jvm
        """,
    )


def test_erlang_names_functions_records_macros_and_types(check_symbols):
    check_symbols(
        "counter.erl",
        """
        -module(counter).
        -export([start/1]).
        -include("counter.hrl").
        -define(LIMIT, 10).
        -record(state, {count = 0 :: integer(), name}).
        -type total() :: integer().
        -opaque token() :: reference().
        -callback init(term()) -> ok.
        %% Starts.
        -spec start(integer()) -> integer().
        start(0) -> 1;
        start(N) when N > 0 -> Local = fun(X) -> X end, Local(N).
        'quoted-name'(X) -> X.
        stop(S = #state{count = C}) -> C.
        """,
        """
        module counter
        macro LIMIT
        struct state
        field state.count
        field state.name
        type total
        type token
        function init
        function start
        function quoted-name
        function stop
        """,
    )
