// Extracts (sentence -> code) pairs from the sources of one package, without parsing: lines, indents and comment marks.
//
//   extract sketch OUT FOLDER...            what code of these folders is known by: sampled hashes of six names in a row
//   extract pairs OUT KNOWN LIMIT FOLDER    the pairs of a package, at most LIMIT, none nearly the same as KNOWN code
//
// A pair's code is told as the index tells it to a model: words of the path, of the enclosing line and of the names,
// then each word of the code once. The format of OUT is read by pairs.py.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace fs = std::filesystem;
using std::string;
using std::string_view;
using std::vector;

enum Kind : uint8_t { DOC, COMMENT, TRAILING, TEST, MESSAGE, SECTION, NAME, COMMIT };

constexpr size_t kMaxFile = 400'000, kMaxQueryWords = 40, kMaxCodeWords = 110, kMaxBodyChars = 1500;
constexpr int kMaxBodyLines = 32, kRun = 6;

// ---- words, as cognate.words splits them

bool upper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
bool lower(unsigned char c) { return (c >= 'a' && c <= 'z') || c >= 0x80; }
bool digit(unsigned char c) { return c >= '0' && c <= '9'; }
bool letter(unsigned char c) { return upper(c) || lower(c); }
bool in_name(unsigned char c) { return letter(c) || digit(c) || c == '_' || c == '$'; }

string lowered(string_view text) {
  string out(text);
  for (char& c : out)
    if (upper(c)) c += 32;
  return out;
}

template <class F>
void each_name(string_view text, F use) {
  for (size_t i = 0; i < text.size();) {
    size_t start = i;
    if (digit(text[i])) {
      while (i < text.size() && digit(text[i])) i++;
    } else if (in_name(text[i])) {
      while (i < text.size() && in_name(text[i])) i++;
    } else {
      i++;
      continue;
    }
    use(text.substr(start, i - start));
  }
}

template <class F>
void each_part(string_view name, F use) {
  for (size_t i = 0; i < name.size();) {
    size_t start = i;
    if (upper(name[i])) {
      while (i < name.size() && upper(name[i])) i++;
      if (i < name.size() && lower(name[i])) {
        if (i - start > 1) {  // HTTPServer: HTTP, Server.
          i--;
        } else {
          while (i < name.size() && lower(name[i])) i++;
        }
      }
    } else if (lower(name[i])) {
      while (i < name.size() && lower(name[i])) i++;
    } else if (digit(name[i])) {
      while (i < name.size() && digit(name[i])) i++;
    } else {
      i++;
      continue;
    }
    use(name.substr(start, i - start));
  }
}

constexpr const char* kKeywords =
    "abstract and as assert async auto await begin bool boolean break byte case catch char class const constexpr "
    "continue crate def default defer del delete do double elif else elsif elseif end endif enum except export extends "
    "extern false final finally float fn for foreach from func function global go goto if impl implements import in "
    "include inline instanceof int interface internal is lambda let local long loop mod module mut namespace native "
    "new nil none noexcept nonlocal not null nullptr of operator or out override package pass private protected pub "
    "public raise ref require rescue return self short signed sizeof static str string struct super switch template "
    "then this throw throws trait true try type typedef typename typeof undefined union unless unsafe unsigned until "
    "use using val var virtual void volatile when where while with yield";

struct Vocabulary {
  std::unordered_map<string, uint32_t> ids;
  vector<string> words;
  std::unordered_set<string> keywords;
  std::unordered_map<string, vector<uint32_t>> of_name;

  Vocabulary() {
    string word;
    for (const char* c = kKeywords;; c++) {
      if (*c == ' ' || !*c) {
        keywords.insert(word);
        word.clear();
        if (!*c) break;
      } else {
        word += *c;
      }
    }
  }

  uint32_t id(const string& word) {
    auto [at, is_new] = ids.try_emplace(word, static_cast<uint32_t>(words.size()));
    if (is_new) words.push_back(word);
    return at->second;
  }

  // The words of a name in code that are neither keywords, nor numbers, nor single letters.
  const vector<uint32_t>& telling(string_view name) {
    auto [at, is_new] = of_name.try_emplace(string(name));
    if (is_new)
      each_part(name, [&](string_view part) {
        if (part.size() < 2 || part.size() > 24 || digit(part[0])) return;
        string word = lowered(part);
        if (!keywords.count(word)) at->second.push_back(id(word));
      });
    return at->second;
  }
};

uint64_t mixed(uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ull;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

uint64_t hash_of(string_view text) {
  uint64_t h = 0xcbf29ce484222325ull;
  for (unsigned char c : text) h = (h ^ (upper(c) ? c + 32 : c)) * 0x100000001b3ull;
  return mixed(h);
}

// ---- languages

struct Language {
  uint8_t id;
  const char* line;   // mark of a comment that ends with its line, "" for none
  const char* open;   // of a comment that is closed, "" for none
  const char* close;
  bool docstrings;
};

const std::unordered_map<string, Language>& languages() {
  static const auto* found = [] {
    auto* table = new std::unordered_map<string, Language>();
    uint8_t next = 0;
    auto add = [&](std::initializer_list<const char*> endings, Language l) {
      l.id = next++;
      for (auto ending : endings) (*table)[ending] = l;
    };
    const Language c{0, "//", "/*", "*/", false}, hash{0, "#", "", "", false}, dash{0, "--", "/*", "*/", false};
    add({"c", "h"}, c);                                             // 0
    add({"cc", "cpp", "cxx", "hpp", "hh", "hxx", "cu", "cuh"}, c);  // 1
    add({"go"}, c);
    add({"rs"}, c);
    add({"java"}, c);
    add({"js", "jsx", "mjs", "cjs"}, c);
    add({"ts", "tsx", "mts"}, c);
    add({"kt", "kts"}, c);
    add({"swift"}, c);
    add({"cs"}, c);
    add({"scala", "sc"}, c);  // 10
    add({"php"}, c);
    add({"dart"}, c);
    add({"groovy", "gradle"}, c);
    add({"m", "mm"}, c);
    add({"py", "pyx", "pyi"}, {0, "#", "", "", true});  // 15
    add({"rb"}, hash);
    add({"sh", "bash", "zsh", "fish", "bats"}, hash);
    add({"ex", "exs"}, {0, "#", "", "", true});
    add({"pl", "pm"}, hash);
    add({"r", "R"}, hash);  // 20
    add({"jl"}, hash);
    add({"nim"}, hash);
    add({"sql"}, dash);
    add({"lua"}, {0, "--", "--[[", "]]", false});
    add({"hs"}, {0, "--", "{-", "-}", false});  // 25
    add({"erl", "hrl"}, {0, "%", "", "", false});
    add({"clj", "cljs", "cljc"}, {0, ";", "", "", false});
    add({"ml", "mli"}, {0, "", "(*", "*)", false});
    add({"zig"}, c);
    add({"tf"}, hash);  // 30
    add({"ps1", "psm1"}, hash);
    add({"md", "markdown"}, {0, "", "", "", false});  // 32
    add({"commits"}, {0, "", "", "", false});         // written by changes.py; no pair has this number
    return table;
  }();
  return *found;
}

// ---- sentences

bool starts(string_view text, string_view with) { return text.substr(0, with.size()) == with; }

string_view trimmed(string_view text) {
  while (!text.empty() && strchr(" \t\r\f", text.front())) text.remove_prefix(1);
  while (!text.empty() && strchr(" \t\r\f", text.back())) text.remove_suffix(1);
  return text;
}

string_view unmarked(string_view line) {
  line = trimmed(line);
  for (string_view mark : {"/*", "*/", "//", "--[[", "--", "{-", "(*", "\"\"\"", "'''", "#", "%", ";", "*", "|"})
    if (starts(line, mark)) {
      char last = mark.back();
      line.remove_prefix(mark.size());
      while (!line.empty() && (line.front() == last || strchr("*/!<|", line.front()))) line.remove_prefix(1);
      break;
    }
  for (string_view mark : {"*/", "-}", "*)", "]]", "\"\"\"", "'''"})
    if (line.size() >= mark.size() && line.substr(line.size() - mark.size()) == mark) line.remove_suffix(mark.size());
  while (!line.empty() && (line.back() == '*' || line.back() == '-' || line.back() == '=')) line.remove_suffix(1);
  return trimmed(line);
}

constexpr std::array kNoProse{"copyright", "licen",   "all rights", "spdx",      "permission", "warrant", "redistribut",
                              " author",   "eslint",  "pylint",     "noqa",      "nolint",     "clang-",  "vim:",
                              "-*-",       "generated", "do not edit", "prettier-", "istanbul",   "@ts-",    "rubocop",
                              "http:",     "https:"};
constexpr std::array kNotes{"todo", "fixme", "xxx", "hack", "@todo", "mark:", "mark -", "ditto", "see ", "nolint", "end of "};
constexpr std::array kHeads{"args",   "arguments", "parameters", "params",  "return", "returns", "yields", "raises",
                            "throws", "example",   "examples",   "note",    "notes",  "usage",   "todo",   "fixme",
                            "input",  "output",    "see also",   "see",     "xxx",    "hack",    "errors", "panics",
                            "safety", "deprecated", "since"};

string_view without_tag(string_view line) {
  for (string_view tag : {"@brief", "\\brief", "@short", "@summary", "@desc", "@description", "<summary>", "@doc",
                          "@moduledoc", "\\short"})
    if (starts(line, tag)) return trimmed(line.substr(tag.size()));
  return line;
}

bool ends_prose(string_view line) {
  char first = line[0];
  if (line.size() > 1 && strchr("@\\:", first) && letter(line[1])) return true;
  if (line.size() > 2 && line[1] == first && line[2] == first && strchr("-=~^*_#+>`.", first)) return true;
  if (starts(line, ">>>") || starts(line, "</")) return true;
  size_t colon = line.find(':');
  if (colon != string_view::npos && colon < 12) {
    string head = lowered(trimmed(line.substr(0, colon)));
    for (auto known : kHeads)
      if (head == known) return true;
  }
  return false;
}

// The first paragraph of a remark without marks and markup; empty where it is no prose.
string prose(const vector<string_view>& lines, size_t least_words) {
  string text;
  for (auto raw : lines) {
    string_view line = without_tag(unmarked(raw));
    if (line.empty()) {
      if (!text.empty()) break;
      continue;
    }
    if (ends_prose(line)) {
      if (!text.empty()) break;
      continue;
    }
    if (!text.empty()) text += ' ';
    text += line;
    if (text.size() > 320) break;
  }
  if (text.size() < 10) return "";
  string low = lowered(text);
  for (auto bad : kNotes)
    if (starts(low, bad)) return "";
  for (auto bad : kNoProse)
    if (low.find(bad) != string::npos) return "";
  string out;
  bool in_tag = false;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '<' && i + 1 < text.size() && (letter(text[i + 1]) || text[i + 1] == '/')) in_tag = true;
    if (!in_tag && !strchr("`*{}", text[i])) out += text[i];
    if (text[i] == '>') in_tag = false;
    if (in_tag && out.size() + 60 < i) in_tag = false;
  }
  for (string_view tag : {"@link ", "@code ", "@linkplain ", "@see ", ":class:", ":func:", ":meth:"})
    for (size_t at; (at = out.find(tag)) != string::npos;) out.erase(at, tag.size());
  size_t odd = 0, words = 0, letters = 0;
  for (size_t i = 0; i < out.size(); i++) {
    if (strchr(";=<>|\\$[]", out[i]) || (out[i] == '(' && i + 1 < out.size() && out[i + 1] == ')')) odd++;
    if (letter(out[i])) {
      letters++;
      if (lower(out[i]) && (i == 0 || out[i - 1] == ' ' || upper(out[i - 1]))) words++;
    }
  }
  if (odd > std::max<size_t>(1, out.size() / 70) || words < least_words || letters * 10 < out.size() * 6) return "";
  return out;
}

// ---- pairs

struct Pairs {
  vector<uint8_t> kinds, languages;
  vector<uint32_t> files, query, code;
  vector<uint16_t> query_sizes, code_sizes;
  vector<uint64_t> query_hashes;
};

class Extractor {
 public:
  Vocabulary vocabulary;
  Pairs pairs;
  vector<uint64_t> known;
  size_t limit = SIZE_MAX, like = 0, repeated = 0;

  bool full() const { return pairs.kinds.size() >= limit; }

  void read(const string& path, const string& text, const Language& language, uint32_t file) {
    file_ = file;
    language_ = &language;
    if (language.id == languages().at("commits").id) {
      changes(text);
      return;
    }
    set_lines(text);
    set_header(path);
    if (language.id == languages().at("md").id) {
      sections();
      return;
    }
    const string_view line_mark = language.line, open = language.open, close = language.close;
    for (int i = 0; i < size() && !full(); i++) {
      string_view line = trimmed(lines_[i]);
      if (line.empty()) continue;
      int end = i;
      if (!open.empty() && starts(line, open)) {
        size_t from = lines_[i].find(open) + open.size();
        while (end < size() && lines_[end].find(close, end == i ? from : 0) == string_view::npos) end++;
        if (end >= size()) return;
        remark(i, end, starts(line, "/**") || starts(line, "/*!") || starts(line, "{-|") || starts(line, "(**"));
      } else if (!line_mark.empty() && starts(line, line_mark)) {
        while (end + 1 < size() && starts(trimmed(lines_[end + 1]), line_mark)) end++;
        remark(i, end, starts(line, "///") || starts(line, "//!") || starts(line, "-- |"));
      } else if (language.docstrings && docstring(i, end)) {
      } else {
        title(i, line);
        message(i, line);
        trailing(i);
        definition(i, line);
      }
      i = end;
    }
  }

  void sketch(const string& text, vector<uint64_t>& into) {
    vector<uint64_t> names;
    each_name(text, [&](string_view name) { names.push_back(hash_of(name)); });
    each_run(names, [&](uint64_t run) { into.push_back(run); });
  }

 private:
  vector<string_view> lines_;
  vector<int> indents_;
  vector<vector<uint64_t>> names_;
  vector<vector<uint32_t>> words_;
  vector<char> is_read_;
  vector<uint32_t> header_, stamps_;
  uint32_t stamp_ = 0, file_ = 0;
  const Language* language_ = nullptr;
  std::unordered_set<uint64_t> asked_;

  int size() const { return static_cast<int>(lines_.size()); }

  void set_lines(const string& text) {
    lines_.clear();
    indents_.clear();
    for (size_t at = 0; at <= text.size();) {
      size_t end = std::min(text.find('\n', at), text.size());
      string_view line(text.data() + at, end - at);
      int indent = 0;
      for (char c : line) {
        if (c == ' ') indent++;
        else if (c == '\t') indent += 4;
        else break;
      }
      lines_.push_back(line);
      indents_.push_back(indent);
      at = end + 1;
    }
    names_.assign(lines_.size(), {});
    words_.assign(lines_.size(), {});
    is_read_.assign(lines_.size(), 0);
  }

  void set_header(const string& path) {
    header_.clear();
    fs::path whole(path);
    vector<string> parts;
    for (auto& part : whole) parts.push_back(part.string());
    if (!parts.empty()) parts.back() = whole.stem().string();
    for (size_t i = parts.size() > 3 ? parts.size() - 3 : 0; i < parts.size(); i++) add_words(parts[i], header_);
  }

  void add_words(string_view text, vector<uint32_t>& into) {
    each_name(text, [&](string_view name) {
      each_part(name, [&](string_view part) {
        if (part.size() > 1 && part.size() <= 24 && !digit(part[0])) into.push_back(vocabulary.id(lowered(part)));
      });
    });
  }

  void need(int row) {
    if (is_read_[row]) return;
    is_read_[row] = 1;
    each_name(lines_[row], [&](string_view name) {
      names_[row].push_back(hash_of(name));
      auto& telling = vocabulary.telling(name);
      words_[row].insert(words_[row].end(), telling.begin(), telling.end());
    });
  }

  template <class F>
  static void each_run(const vector<uint64_t>& names, F use) {
    for (size_t i = 0; i + kRun <= names.size(); i++) {
      uint64_t run = 0;
      for (int k = 0; k < kRun; k++) run = run * 0x9e3779b97f4a7c15ull + names[i + k];
      run = mixed(run);
      if ((run & 3) == 0) use(run);
    }
  }

  // Whether three tenths of its runs of names stand in an evaluation corpus.
  bool is_known(const vector<int>& rows) {
    vector<uint64_t> names;
    for (int row : rows) names.insert(names.end(), names_[row].begin(), names_[row].end());
    size_t runs = 0, hits = 0;
    each_run(names, [&](uint64_t run) {
      runs++;
      hits += std::binary_search(known.begin(), known.end(), run);
    });
    return runs >= 3 && hits * 10 >= runs * 3;
  }

  bool closes(string_view line) const {
    return line.empty() || strchr("})]{", line[0]) || starts(line, "end") || starts(line, "else") ||
           starts(line, "catch") || starts(line, "except") || starts(line, "finally") || starts(line, "rescue") ||
           starts(line, "elif") || starts(line, "fi") || starts(line, "done") || starts(line, "esac");
  }

  // The rows of what begins at a line: a definition or a block with what is indented below it.
  vector<int> below(int first) const {
    vector<int> rows;
    size_t chars = 0;
    int indent = indents_[first];
    bool has_deeper = false, is_blank = false;
    for (int row = first; row < size() && row < first + kMaxBodyLines; row++) {
      string_view line = trimmed(lines_[row]);
      if (line.empty()) {
        is_blank = true;
        continue;
      }
      if (row > first) {
        if (indents_[row] < indent) break;
        if (indents_[row] == indent && !closes(line) && (has_deeper || is_blank)) break;
        has_deeper |= indents_[row] > indent;
      }
      is_blank = false;
      rows.push_back(row);
      chars += lines_[row].size();
      if (chars > kMaxBodyChars) break;
    }
    return rows;
  }

  vector<int> around(int row, int above, int under) const {
    vector<int> rows;
    for (int at = std::max(0, row - above); at < std::min(size(), row + under + 1); at++)
      if (!trimmed(lines_[at]).empty()) rows.push_back(at);
    return rows;
  }

  int enclosing(int row) const {
    static constexpr std::array no{"*", "//", "#", "}", "if", "for", "else", "while", "switch", "case", "try", "with",
                                   "--", "/*", "@", "{", ")", "do", "begin", "loop", "match"};
    int indent = indents_[row];
    for (int at = row - 1; at >= 0 && at > row - 80; at--) {
      string_view line = trimmed(lines_[at]);
      if (line.empty() || indents_[at] >= indent) continue;
      indent = indents_[at];
      bool is_none = false;
      for (string_view one : no) is_none |= starts(line, one);
      if (!is_none) return at;
    }
    return -1;
  }

  static uint64_t key_of(vector<uint32_t> words, const Vocabulary& vocabulary) {
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    uint64_t key = 0;
    for (auto word : words) key += hash_of(vocabulary.words[word]);
    return mixed(key);
  }

  bool is_asked_first(uint64_t key) {
    if (asked_.insert(key).second) return true;
    repeated++;
    return false;
  }

  void put(Kind kind, const vector<uint32_t>& query, uint64_t key, const vector<uint32_t>& code) {
    pairs.kinds.push_back(kind);
    pairs.languages.push_back(language_->id);
    pairs.files.push_back(file_);
    pairs.query_sizes.push_back(query.size());
    pairs.code_sizes.push_back(code.size());
    pairs.query.insert(pairs.query.end(), query.begin(), query.end());
    pairs.code.insert(pairs.code.end(), code.begin(), code.end());
    pairs.query_hashes.push_back(key);
  }

  // Adds a pair unless it was asked before, is known, or its code says too little. Words in ``left_out`` are not told.
  bool add(Kind kind, string_view sentence, const vector<int>& rows, string_view left_out = "") {
    vector<uint32_t> query;
    add_words(sentence.substr(0, 300), query);
    if (query.size() > kMaxQueryWords) query.resize(kMaxQueryWords);
    if (query.size() < 3 || rows.empty()) return false;
    uint64_t key = key_of(query, vocabulary);
    if (!is_asked_first(key)) return false;
    for (int row : rows) need(row);
    if (is_known(rows)) {
      like++;
      return false;
    }
    vector<uint32_t> code, without;
    if (!left_out.empty()) add_words(left_out, without);
    if (stamps_.size() < vocabulary.words.size() + 1) stamps_.resize(vocabulary.words.size() * 2 + 1024, 0);
    stamp_++;
    auto tell = [&](uint32_t word) {
      if (stamps_[word] == stamp_ || code.size() >= kMaxCodeWords) return;
      stamps_[word] = stamp_;
      code.push_back(word);
    };
    for (auto word : without) stamps_[word] = stamp_;
    for (auto word : header_) tell(word);
    int outer = indents_[rows[0]] ? enclosing(rows[0]) : -1;
    if (outer >= 0) {
      need(outer);
      if (stamps_.size() < vocabulary.words.size() + 1) stamps_.resize(vocabulary.words.size() * 2 + 1024, 0);
      for (size_t i = 0; i < std::min<size_t>(8, words_[outer].size()); i++) tell(words_[outer][i]);
    }
    for (int row : rows)
      for (auto word : words_[row]) tell(word);
    if (code.size() < 6) return false;
    put(kind, query, key, code);
    return true;
  }

  void remark(int first, int last, bool is_doc) {
    int next = last + 1;
    while (next < size() && trimmed(lines_[next]).empty() && next < last + 3) next++;
    if (next >= size() || indents_[next] < indents_[first]) return;
    bool is_top = is_doc || indents_[first] == 0;
    string text = prose({lines_.begin() + first, lines_.begin() + last + 1}, is_top ? 3 : 4);
    if (text.empty()) return;
    auto rows = below(next);
    if (rows.size() >= (is_top ? 2u : 1u)) add(is_doc ? DOC : COMMENT, text, rows);
  }

  // A Python docstring or an Elixir @doc; ``end`` becomes its last line.
  bool docstring(int first, int& end) {
    string_view line = trimmed(lines_[first]);
    bool is_elixir = starts(line, "@doc") || starts(line, "@moduledoc");
    size_t skip = is_elixir ? line.find('"') : (line.size() > 1 && strchr("rRuUbB", line[0]) && strchr("\"'", line[1]));
    if (skip == string_view::npos || skip >= line.size()) return false;
    string_view quote = line.substr(skip, 3);
    if (quote != "\"\"\"" && quote != "'''") return false;
    end = first;
    if (line.find(quote, skip + 3) == string_view::npos)
      do end++;
      while (end < size() && lines_[end].find(quote) == string_view::npos);
    if (end >= size()) {
      end = first;
      return false;
    }
    vector<string_view> said(lines_.begin() + first, lines_.begin() + end + 1);
    said[0] = line.substr(skip);
    string text = prose(said, 3);
    if (text.empty()) return true;
    if (is_elixir) {
      int next = end + 1;
      while (next < size() && next < end + 8 && !starts(trimmed(lines_[next]), "def")) next++;
      if (next < size()) add(DOC, text, below(next));
      return true;
    }
    int head = first - 1;
    while (head >= 0 && head > first - 16) {
      string_view above = trimmed(lines_[head]);
      if (starts(above, "def ") || starts(above, "class ") || starts(above, "async def ")) break;
      if (!above.empty() && indents_[head] < indents_[first] && !strchr(")]}", above[0])) return true;
      head--;
    }
    if (head < 0 || head <= first - 16) return true;
    vector<int> rows;
    for (int row = head; row < first; row++) rows.push_back(row);
    size_t chars = 0;
    for (int row = end + 1; row < size() && row < end + kMaxBodyLines && chars < kMaxBodyChars; row++) {
      if (trimmed(lines_[row]).empty()) continue;
      if (indents_[row] <= indents_[head]) break;
      rows.push_back(row);
      chars += lines_[row].size();
    }
    add(DOC, text, rows);
    return true;
  }

  // What is quoted at the first quote after a place; empty where nothing is.
  static string_view quoted(string_view line, size_t from) {
    size_t open = line.find_first_of("\"'`", from);
    if (open == string_view::npos) return "";
    size_t close = open + 1;
    while (close < line.size() && line[close] != line[open]) close += line[close] == '\\' ? 2 : 1;
    return close < line.size() ? line.substr(open + 1, close - open - 1) : "";
  }

  void title(int row, string_view line) {
    static constexpr std::array marks{"it(", "it (", "it \"", "it '", "test(", "test (", "test \"", "test '", "it.only(",
                                      "specify", "scenario", "describe(", "describe \"", "context(", "context \"",
                                      "t.Run(", "b.Run(", "@DisplayName(", "feature(", "@test \"", "should \"", "TEST_CASE(",
                                      "SECTION(", "Deno.test(", "@Test("};
    for (string_view mark : marks)
      if (starts(line, mark)) {
        string_view said = quoted(line, mark.size() - 1);
        if (std::count(said.begin(), said.end(), ' ') >= 2 && said.size() < 200) {
          vector<int> rows = below(row);
          add(TEST, said, rows, said);
        }
        return;
      }
  }

  void message(int row, string_view line) {
    static constexpr std::array marks{"raise", "throw", "panic", "rror(", "rrorf(", "fatal", "Fatal", "warn", "Warn",
                                      "log", "LOG", "fail", "abort", "bail!", "ensure!", "ssert", "die", "xception(",
                                      "Errorf", "errors.New", "expect(", "require(", "ereport", "echo", "print",
                                      "RAISE",  "THROW",      "PRINT",   "MESSAGE"};
    size_t quote = line.find('"');
    if (quote == string_view::npos) quote = line.find('\'');
    if (quote == string_view::npos) return;
    string_view said = quoted(line, quote);
    if (said.size() < 18 || std::count(said.begin(), said.end(), ' ') < 3) return;
    bool is_said = false;
    for (string_view mark : marks) {
      size_t at = line.find(mark);
      if (at != string_view::npos && at < quote) is_said = true;
    }
    if (!is_said && row && !trimmed(lines_[row - 1]).empty())
      for (string_view mark : marks) is_said |= lines_[row - 1].find(mark) != string_view::npos;
    if (!is_said) return;
    string text = prose({said}, 4);
    if (text.empty()) return;
    auto rows = around(row, 7, 2);
    add(MESSAGE, text, rows, said);
  }

  void trailing(int row) {
    string_view line = lines_[row], mark = language_->line;
    if (mark.empty() || line.size() < 24 || *language_->line == '%' || *language_->line == ';') return;
    size_t at = line.rfind(mark);
    if (at == string_view::npos || at < 6 || line[at - 1] != ' ' || at + 14 > line.size()) return;
    string_view before = line.substr(0, at);
    if (std::count(before.begin(), before.end(), '"') % 2 || std::count(before.begin(), before.end(), '\'') % 2) return;
    string text = prose({line.substr(at)}, 4);
    if (!text.empty()) add(TRAILING, text, around(row, 2, 3), line.substr(at));
  }

  // The words of a long name, for what it names without them.
  void definition(int row, string_view line) {
    string_view name;
    bool is_definition = false;
    for (string_view mark : {"def ", "func ", "fn ", "function ", "fun ", "sub ", "defp ", "class ", "struct ",
                             "interface ", "trait ", "enum ", "void ", "public ", "private ", "static ", "async ",
                             "export ", "protected ", "internal ", "override ", "pub ", "local function ",
                             "pub(", "open ", "suspend ", "create ", "CREATE ", "ALTER PROC", "alter proc"})
      is_definition |= starts(line, mark);
    if (!is_definition || line.back() == ';') return;
    size_t from = starts(line, "func (") || starts(line, "pub(") ? line.find(')') : 0;
    if (from == string_view::npos) return;
    size_t end = line.find_first_of("({:", from);
    if (end == string_view::npos) end = starts(line, "def ") ? line.size() : 0;
    while (end > 0 && line[end - 1] == ' ') end--;
    if (end > 0 && strchr(">]", line[end - 1])) end = std::min(line.find_first_of("<[", from), end);
    size_t start = end;
    while (start > 0 && in_name(line[start - 1])) start--;
    name = line.substr(start, end - start);
    size_t parts = 0;
    each_part(name, [&](string_view part) { parts += part.size() > 1; });
    if (parts < 3) return;
    auto rows = below(row);
    if (rows.size() < 4) return;
    if (parts > 4 && starts(lowered(name), "test")) {
      add(TEST, name.substr(4), rows, name);
    } else {
      add(NAME, name, rows, name);
    }
  }

  // Subjects of commits, each for the hunk that adds most, as it is after the commit.
  void changes(const string& text) {
    string subject, path, hunk, best_path, best;
    size_t added = 0, most = 0;
    auto end_hunk = [&] {
      if (added > most) {
        most = added;
        best = hunk;
        best_path = path;
      }
      added = 0;
      hunk.clear();
    };
    auto end_commit = [&] {
      end_hunk();
      auto language = languages().find(best_path.substr(best_path.rfind('.') + 1));
      if (most && language != languages().end() && language->second.line[0] | language->second.open[0]) {
        language_ = &language->second;
        set_lines(best);
        set_header(best_path);
        vector<int> rows;
        for (int row = 0; row < size() && row < kMaxBodyLines; row++)
          if (!trimmed(lines_[row]).empty()) rows.push_back(row);
        string said = prose({subject}, 3);
        if (!said.empty()) add(COMMIT, said, rows);
        file_++;
      }
      most = 0;
    };
    for (size_t at = 0; at < text.size() && !full();) {
      size_t end = std::min(text.find('\n', at), text.size());
      string_view line(text.data() + at, end - at);
      at = end + 1;
      if (starts(line, "\x01")) {
        end_commit();
        subject = line.substr(1);
      } else if (starts(line, "diff --git ")) {
        end_hunk();
      } else if (starts(line, "+++ b/")) {
        path = line.substr(6);
      } else if (starts(line, "@@ ")) {
        end_hunk();
        size_t head = line.find("@@", 3);
        if (head != string_view::npos) hunk = string(trimmed(line.substr(head + 2))) + "\n";
      } else if (starts(line, "+") || starts(line, " ")) {
        added += line[0] == '+' && !trimmed(line.substr(1)).empty();
        hunk += string(line.substr(1)) + "\n";
      }
    }
    end_commit();
  }

  // A heading and what is said below it, for the code block that follows.
  void sections() {
    string heading;
    vector<string_view> said;
    for (int i = 0; i < size() && !full(); i++) {
      string_view line = trimmed(lines_[i]);
      if (starts(line, "```") || starts(line, "~~~")) {
        int end = i + 1;
        while (end < size() && !starts(trimmed(lines_[end]), line.substr(0, 3))) end++;
        if (end >= size()) return;
        vector<int> rows;
        for (int row = i + 1; row < end && row < i + kMaxBodyLines; row++)
          if (!trimmed(lines_[row]).empty()) rows.push_back(row);
        string text = prose(said, 3);
        if (!heading.empty() || !text.empty()) add(SECTION, heading + " " + text, rows);
        said.clear();
        i = end;
      } else if (starts(line, "#")) {
        heading = string(unmarked(line));
        said.clear();
      } else if (line.empty()) {
        if (!said.empty() && i + 1 < size() && !starts(trimmed(lines_[i + 1]), "```")) said.clear();
      } else {
        said.push_back(line);
      }
    }
  }
};

// ---- files

const std::unordered_set<string> kLeftOut{"vendor", "vendored", "_vendor", "third_party", "thirdparty", "third-party",
                                          "3rdparty", "node_modules", "deps", "generated", "gen", "fixtures",
                                          "testdata", "test_data", "test-data", "umd", "_esm", "_cjs", "_types",
                                          "locale", "locales", "external", "extern", "subprojects", "contrib", ".git",
                                          "esm5", "esm2015", "lib.commonjs", "lib.esm", "fesm2022", "__snapshots__"};

constexpr std::array kOtherLicences{"General Public", "GPL-", "LGPL", "AGPL", "Mozilla Public", "MPL-2.0", "CDDL",
                                    "Common Development and Distribution", "Eclipse Public", "Creative Commons",
                                    "Business Source", "Server Side Public", "Elastic License", "All rights reserved by",
                                    "PolyForm", "Commons Clause", "European Union Public"};

bool is_worth_reading(const string& path, const string& text) {
  if (fs::path(path).extension() == ".commits") return true;
  if (text.size() < 200 || text.size() > kMaxFile || text.find('\0') != string::npos) return false;
  if (path.find(".min.") != string::npos || path.find(".bundle.") != string::npos) return false;
  size_t lines = std::count(text.begin(), text.end(), '\n') + 1;
  if (text.size() > 160 * lines) return false;
  string_view head = string_view(text).substr(0, 5000);
  for (string_view licence : kOtherLicences)
    if (head.find(licence) != string_view::npos) return false;
  string start = lowered(head.substr(0, 500));
  return start.find("generated") == string::npos && start.find("do not edit") == string::npos;
}

template <class F>
void each_file(const fs::path& root, F use) {
  vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator at(root, fs::directory_options::skip_permission_denied, error), end;
  for (; at != end; at.increment(error)) {
    if (error) break;
    if (at->is_symlink(error)) continue;
    if (at->is_directory(error)) {
      if (kLeftOut.count(lowered(at->path().filename().string()))) at.disable_recursion_pending();
      continue;
    }
    string ending = at->path().extension().string();
    if (ending.size() > 1 && languages().count(ending.substr(1))) files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  std::mt19937_64 order(7);
  std::shuffle(files.begin(), files.end(), order);
  std::stable_partition(files.begin(), files.end(), [](auto& file) { return file.extension() == ".commits"; });
  uint32_t number = 0;
  for (auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    string text((std::istreambuf_iterator<char>(in)), {});
    string path = file.lexically_relative(root).string();
    if (is_worth_reading(path, text))
      if (!use(path, text, languages().at(file.extension().string().substr(1)), number++)) return;
  }
}

template <class T>
void write(FILE* out, const vector<T>& values) {
  fwrite(values.data(), sizeof(T), values.size(), out);
}

void write_number(FILE* out, uint64_t value) { fwrite(&value, 8, 1, out); }

int main(int count, char** arguments) {
  string mode = count > 1 ? arguments[1] : "";
  Extractor extractor;
  if (mode == "sketch" && count > 3) {
    vector<uint64_t> known;
    for (int i = 3; i < count; i++)
      each_file(arguments[i], [&](const string&, const string& text, const Language&, uint32_t) {
        extractor.sketch(text, known);
        return true;
      });
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    FILE* out = fopen(arguments[2], "wb");
    if (!out) return 1;
    write(out, known);
    fclose(out);
    printf("%zu runs of names\n", known.size());
    return 0;
  }
  if (mode != "pairs" || count != 6) {
    fprintf(stderr, "usage: extract sketch OUT FOLDER... | extract pairs OUT KNOWN LIMIT FOLDER\n");
    return 2;
  }
  std::ifstream in(arguments[3], std::ios::binary);
  string bytes((std::istreambuf_iterator<char>(in)), {});
  extractor.known.resize(bytes.size() / 8);
  memcpy(extractor.known.data(), bytes.data(), extractor.known.size() * 8);
  extractor.limit = std::stoull(arguments[4]);
  size_t files = 0;
  each_file(arguments[5], [&](const string& path, const string& text, const Language& language, uint32_t number) {
    extractor.read(path, text, language, number);
    files++;
    return !extractor.full();
  });
  const Pairs& pairs = extractor.pairs;
  string part = string(arguments[2]) + ".part";
  FILE* out = fopen(part.c_str(), "wb");
  if (!out) return 1;
  string words;
  for (auto& word : extractor.vocabulary.words) words += word + "\n";
  fwrite("pairs-1\n", 8, 1, out);
  write_number(out, words.size());
  write_number(out, pairs.kinds.size());
  write_number(out, pairs.query.size());
  write_number(out, pairs.code.size());
  write(out, pairs.query_hashes);
  write(out, pairs.files);
  write(out, pairs.query);
  write(out, pairs.code);
  write(out, pairs.query_sizes);
  write(out, pairs.code_sizes);
  write(out, pairs.kinds);
  write(out, pairs.languages);
  fwrite(words.data(), 1, words.size(), out);
  bool is_written = !ferror(out);
  is_written = !fclose(out) && is_written && !rename(part.c_str(), arguments[2]);
  printf("%zu files %zu pairs %zu like %zu repeated\n", files, pairs.kinds.size(), extractor.like, extractor.repeated);
  return is_written ? 0 : 1;
}
