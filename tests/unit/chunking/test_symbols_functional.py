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
