"""Languages whose parser cannot be used, or does not know what is defined: definitions are told by their lines."""

from cognate.chunking import chunk_file


def test_perl_names_packages_subs_and_attributes_and_no_documentation(check_symbols):
    check_symbols(
        "Cart.pm",
        """
        #!/usr/bin/perl
        package Shop::Cart;
        use strict;
        our $VERSION = '1.0';
        our @EVENTS = qw(add remove);
        use constant LIMIT => 10;
        has 'title' => (is => 'ro');
        has items => (
          is => 'rw',
          default => sub { [] },
        );

        =pod

          sub not_me { }

        =cut

        # Adds one.
        # Really.
        sub add_item {
            my ($self, $item) = @_;
            if ($item) { push @{$self->{items}}, $item; }
            return $self;
        }

        sub size { scalar @{ shift->{items} } }
        sub later;
        sub with_brace
        {
            return 1;
        }
        around 'add_item' => sub {
            my $orig = shift;
        };
        package Shop::Cart::Line {
            sub price ($self) {
                return 1;
            }
        }
        subtest 'adds Shop::Cart items' => sub {
            ok 1;
        };
        __END__
        sub after_end { }
        """,
        """
        module Shop.Cart
        constant Shop.Cart.EVENTS
        constant Shop.Cart.LIMIT
        property Shop.Cart.title
        property Shop.Cart.items
        function Shop.Cart.add_item
        function Shop.Cart.size
        function Shop.Cart.with_brace
        function Shop.Cart.add_item
        module Shop.Cart.Line
        function Shop.Cart.Line.price
        function adds Shop::Cart items
        """,
    )


def test_cobol_names_programs_sections_paragraphs_and_data(check_symbols):
    check_symbols(
        "payroll.cbl",
        """
               IDENTIFICATION DIVISION.
               PROGRAM-ID. PAYROLL.
               AUTHOR. SOMEBODY.
               DATA DIVISION.
               WORKING-STORAGE SECTION.
              * 01 NOT-ME PIC X.
               01 WS-TOTAL PIC 9(5).
                  05 WS-PART PIC 9(5).
               PROCEDURE DIVISION.
               MAIN-PARA.
                   PERFORM ADD-TAX.
                   IF WS-TOTAL > 0
                     DISPLAY "X"
                   END-IF.
                   STOP RUN.
               REPORTS SECTION.
               ADD-TAX.
                   ADD 1 TO WS-TOTAL.
                   EXIT.
               END PROGRAM PAYROLL.
        """,
        """
        module PAYROLL
        field PAYROLL.WS-TOTAL
        function PAYROLL.MAIN-PARA
        function PAYROLL.REPORTS
        function PAYROLL.REPORTS.ADD-TAX
        """,
    )


def test_sql_names_what_postgresql_creates(check_symbols):
    check_symbols(
        "shop.sql",
        """
        CREATE TABLE public.items (id int, name text);
        -- An index.
        CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS idx_items_id ON items (id);
        CREATE SEQUENCE invoice_seq;
        CREATE DOMAIN price AS numeric CHECK (VALUE > 0);
        CREATE OR REPLACE FUNCTION shop.total(a int) RETURNS int AS $$
        BEGIN
          RETURN a;
        END;
        $$ LANGUAGE plpgsql;
        CREATE OR REPLACE PROCEDURE purge_old(days int)
        LANGUAGE plpgsql
        AS $$
        BEGIN
          DELETE FROM items;
        END;
        $$;
        CREATE TRIGGER touch BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION touch_row();
        CREATE POLICY own_rows ON items USING (true);
        /*
        CREATE PROCEDURE not_me AS
        */
        CREATE VIEW active AS SELECT 1;
        CREATE INDEX ON items (name);
        """,
        """
        table public.items
        field public.items.id
        field public.items.name
        property idx_items_id
        variable invoice_seq
        type price
        function shop.total
        function purge_old
        function touch
        rule own_rows
        table active
        """,
    )


def test_sql_names_what_sql_server_creates(check_symbols):
    check_symbols(
        "close.sql",
        """
        CREATE OR ALTER PROCEDURE [dbo].[usp_CloseAccounts] @Days INT AS
        BEGIN
          UPDATE dbo.Customers SET Closed = 1;
        END
        GO
        CREATE FUNCTION dbo.fn_Age(@born date) RETURNS int AS
        BEGIN
          RETURN 1;
        END
        GO
        CREATE TRIGGER dbo.trg_Audit ON dbo.Customers AFTER INSERT AS
        BEGIN
          INSERT INTO Log VALUES (1);
        END
        GO
        CREATE VIEW dbo.vw_Active AS SELECT 1 AS a;
        GO
        """,
        """
        function dbo.usp_CloseAccounts
        function dbo.fn_Age
        function dbo.trg_Audit
        table dbo.vw_Active
        """,
    )


def test_sql_names_what_mysql_creates_between_delimiters(check_symbols):
    check_symbols(
        "posts.sql",
        """
        DELIMITER //
        CREATE DEFINER=`root`@`localhost` PROCEDURE archive_posts(IN days INT)
        BEGIN
          DELETE FROM wp_posts;
        END //
        CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO
        BEGIN
          CALL archive_posts(3);
        END //
        DELIMITER ;
        """,
        """
        function archive_posts
        function nightly
        """,
    )


def test_sql_names_what_an_oracle_package_holds(check_symbols):
    check_symbols(
        "bank.sql",
        """
        CREATE OR REPLACE PACKAGE BODY bank AS
          PROCEDURE pay(amount NUMBER) IS
          BEGIN
            NULL;
          END pay;
          FUNCTION balance RETURN NUMBER IS
          BEGIN
            RETURN 1;
          END;
        END bank;
        /
        CREATE TABLE accounts (id INT);
        """,
        """
        module bank
        function bank.pay
        function bank.balance
        table accounts
        """,
    )


def test_objective_c_names_classes_behind_macros(check_symbols):
    check_symbols(
        "Cart.m",
        """
        #import "Cart.h"
        #define LIMIT 10
        NS_ASSUME_NONNULL_BEGIN
        @class Item;
        @protocol CartDelegate <NSObject>
        - (void)cart:(Cart *)cart didAdd:(Item *)item;
        @end
        @interface Cart () <NSCopying> {
          int count;
        }
        @property (nonatomic, strong) NSString *title;
        @property (copy) void (^done)(int);
        @end
        typedef NS_ENUM(NSInteger, CartMode) {
          CartModeOpen,
        };
        @implementation Cart
        /** Sums. */
        - (int)computeSum:(int)a
                     with:(int)b {
          int local = a;
          return local;
        }
        + (instancetype)shared
        {
          return nil;
        }
        - (void (^)(int))handler { return nil; }
        @end
        static int helper(int x) { return x; }
        NS_ASSUME_NONNULL_END
        """,
        """
        macro LIMIT
        interface CartDelegate
        method CartDelegate.cart
        class Cart
        field Cart.count
        property Cart.title
        property Cart.done
        enum CartMode
        constant CartMode.CartModeOpen
        class Cart
        method Cart.computeSum
        method Cart.shared
        method Cart.handler
        function helper
        """,
    )


PERL = """\
package Shop;

# Adds one.
# Really.
sub add {
    my ($self, $item) = @_;
    return { item => $item };
}

# Drops one.
sub drop
{
    return 1;
}
"""


def test_a_definition_that_lines_show_reaches_to_its_end():
    (chunk,) = chunk_file("Shop.pm", PERL).chunks
    assert [(symbol.name, symbol.start_line, symbol.end_line) for symbol in chunk.symbols] == [
        ("Shop", 0, 14),
        ("add", 4, 8),
        ("drop", 10, 14),
    ]


def test_a_text_that_is_not_parsed_is_cut_between_definitions_with_their_comments():
    chunks = chunk_file("Shop.pm", PERL, max_chars=120).chunks
    assert [chunk.text.split("\n")[0] for chunk in chunks] == ["package Shop;", "# Drops one."]
    assert [chunk.container for chunk in chunks] == ["", "Shop"]


def test_a_definition_without_an_end_reaches_to_the_next_of_its_rank():
    text = (
        "       PROGRAM-ID. A.\n       FIRST-STEP.\n           DISPLAY 1.\n\n       NEXT-STEP.\n           DISPLAY 2.\n"
    )
    (chunk,) = chunk_file("a.cbl", text).chunks
    assert [(symbol.name, symbol.start_line, symbol.end_line) for symbol in chunk.symbols] == [
        ("A", 0, 6),
        ("FIRST-STEP", 1, 3),
        ("NEXT-STEP", 4, 6),
    ]


def test_what_a_syntax_tree_shows_is_named_once():
    (chunk,) = chunk_file(
        "a.sql", "CREATE TABLE a (b int);\nCREATE FUNCTION c() RETURNS int AS $$ SELECT 1 $$;\n"
    ).chunks
    assert [symbol.qualified for symbol in chunk.symbols] == ["a", "a.b", "c"]


def test_a_function_of_octave_is_named_though_the_grammar_does_not_know_how_it_ends():
    text = (
        "## -*- texinfo -*-\n## function not_this ()\n\nfunction [a, b] = split_pair (pair)\n  if (isempty (pair))\n"
        "    a = b = 0;\n  endif\nendfunction\n\nfunction __inner__ ()\n  x = 1;\nendfunction\n"
    )
    file = chunk_file("split_pair.m", text)
    found = [(symbol.name, symbol.start_line, symbol.end_line) for chunk in file.chunks for symbol in chunk.symbols]
    assert (file.language, found) == ("matlab", [("split_pair", 3, 8), ("__inner__", 9, 12)])


def test_interpolated_names_of_properties_in_scss_hide_no_rule():
    text = (
        ".card {\n  --#{$prefix}card-gap: #{$gap};\n  padding: var(--#{$prefix}card-gap);\n}\n\n"
        ".card-title {\n  color: var(--#{$prefix}title, #{$ink}); // as in the page\n}\n"
    )
    symbols = [symbol for chunk in chunk_file("card.scss", text).chunks for symbol in chunk.symbols]
    assert [(symbol.name, symbol.start_line) for symbol in symbols] == [(".card", 0), (".card-title", 5)]
