// The parts of a training step that are no products of matrices: which words of a pair are seen, sums of rows, and
// changes of the rows that a batch touches. Called by train.py, which owns all memory. One thread.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace {

struct Random {  // xorshift64*
    uint64_t state;
    uint64_t next() {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return state * 2685821657736338717ULL;
    }
    float share() { return static_cast<float>(next() >> 40) * 0x1p-24F; }
};

}  // namespace

extern "C" {

struct Texts {  // Words of all pairs of one side, one after the other, and the file of each pair.
    const int32_t* words;
    const int64_t* offsets;
    const int64_t* files;
    int64_t pairs;
};

struct Visit {  // How a pair is seen; see Options in train.py.
    float kept, both, dropped_query, dropped_code, longer;
    int32_t least, most;  // Words of a question that are read: from least to most, by chance.
};

// Chooses the words of each pair of a batch that are seen this time; pairs with too few of them are left out. Returns
// how many pairs there are; sizes say how many words each has. `marks` has one number for each stem, zeros at first.
int64_t choose(const Texts* query, const Texts* code, const int64_t* batch, int64_t n, const int64_t* stems,
               const Visit* how, uint64_t seed, int64_t* marks, int64_t* mark, int32_t* query_words,
               int32_t* query_sizes, int32_t* code_words, int32_t* code_sizes) {
    Random random{seed | 1};
    for (int warm = 0; warm < 8; ++warm) random.next();
    int64_t done = 0;
    for (int64_t at = 0; at < n; ++at) {
        const int64_t pair = batch[at];
        const int32_t* asked = query->words + query->offsets[pair];
        const int32_t* told = code->words + code->offsets[pair];
        const int64_t limit = how->least + static_cast<int64_t>(random.next() % (how->most - how->least + 1));
        const int64_t n_asked = std::min(query->offsets[pair + 1] - query->offsets[pair], limit);
        const int64_t n_own = code->offsets[pair + 1] - code->offsets[pair];
        const bool has_next = pair + 1 < code->pairs && code->files[pair] == code->files[pair + 1];
        const bool is_longer = random.share() < how->longer && has_next;
        const int64_t n_told = is_longer ? code->offsets[pair + 2] - code->offsets[pair] : n_own;
        const float drawn = random.share();
        const bool from_code = drawn >= how->kept, from_both = drawn >= 1 - how->both;
        const int64_t of_query = ++*mark, of_both = ++*mark, of_code = ++*mark;
        for (int64_t i = 0; i < n_asked; ++i) marks[stems[asked[i]]] = of_query;
        int32_t n_code = 0;
        for (int64_t i = 0; i < n_told; ++i) {
            int64_t& seen = marks[stems[told[i]]];
            const bool is_shared = seen == of_query || seen == of_both;
            if (i >= n_own && (seen == of_both || seen == of_code)) continue;
            seen = is_shared ? of_both : of_code;
            if ((from_code && is_shared) || random.share() < how->dropped_code) continue;
            code_words[n_code++] = told[i];
        }
        int32_t n_query = 0;
        for (int64_t i = 0; i < n_asked; ++i) {
            const bool is_shared = marks[stems[asked[i]]] == of_both;
            if ((from_both && is_shared) || random.share() < how->dropped_query) continue;
            query_words[n_query++] = asked[i];
        }
        if (n_query < 2 || n_code < 3) continue;
        query_words += n_query;
        code_words += n_code;
        query_sizes[done] = n_query;
        code_sizes[done++] = n_code;
    }
    return done;
}

// Adds up the rows of each text's words by weight; a word of several rows counts once. Returns how many rows were read;
// `used`, `values` and `of` say which, with which factor, in which text.
int64_t add_up(const int32_t* words, const int32_t* sizes, int64_t n, const int32_t* flat, const int64_t* offsets,
               const float* weights, const float* rows, int64_t width, int32_t* used, float* values, int32_t* of,
               float* sums) {
    int64_t total = 0;
    for (int64_t text = 0; text < n; ++text) {
        float* sum = sums + text * width;
        std::fill(sum, sum + width, 0.0F);
        for (int32_t i = 0; i < sizes[text]; ++i, ++words) {
            const int64_t from = offsets[*words], to = offsets[*words + 1];
            for (int64_t at = from; at < to; ++at) {
                const int32_t row = flat[at];
                const float value = std::exp(weights[row]) / static_cast<float>(to - from);
                used[total] = row;
                values[total] = value;
                of[total++] = static_cast<int32_t>(text);
                const float* found = rows + row * width;
                for (int64_t d = 0; d < width; ++d) sum[d] += value * found[d];
            }
        }
    }
    return total;
}

// Changes rows and weights against the slopes of the sums (Adam with one step size a row). `first` has one -1 for
// each row of the table, and has them again afterwards.
void change(const int32_t* used, const float* values, const int32_t* of, int64_t total, const float* slopes,
            int64_t width, float* rows, float* row_squares, float* row_seen, float* weights, float* weight_squares,
            float* seen, int64_t* first, float rate) {
    constexpr float decay = 0.98F, most = 3.0F, least = 1e-9F;
    std::vector<int64_t> next(total);
    std::vector<int32_t> touched;
    for (int64_t at = 0; at < total; ++at) {
        if (first[used[at]] < 0) touched.push_back(used[at]);
        next[at] = first[used[at]];
        first[used[at]] = at;
    }
    std::vector<float> slope(width);
    for (const int32_t row : touched) {
        std::fill(slope.begin(), slope.end(), 0.0F);
        for (int64_t at = first[row]; at >= 0; at = next[at]) {
            const float* one = slopes + of[at] * width;
            for (int64_t d = 0; d < width; ++d) slope[d] += values[at] * one[d];
        }
        first[row] = -1;
        float* changed = rows + row * width;
        float of_weight = 0, squares = 0;
        for (int64_t d = 0; d < width; ++d) {
            of_weight += slope[d] * changed[d];
            squares += slope[d] * slope[d];
        }
        row_seen[row] += 1;
        seen[row] += 1;
        row_squares[row] = decay * row_squares[row] + (1 - decay) * squares / static_cast<float>(width);
        const float scale = 1 / (std::sqrt(row_squares[row] / (1 - std::pow(decay, row_seen[row]))) + least);
        for (int64_t d = 0; d < width; ++d) changed[d] -= rate * std::clamp(slope[d] * scale, -most, most);
        weight_squares[row] = decay * weight_squares[row] + (1 - decay) * of_weight * of_weight;
        const float spread = std::sqrt(weight_squares[row] / (1 - std::pow(decay, seen[row]))) + least;
        weights[row] -= 3 * rate * std::clamp(of_weight / spread, -most, most);
    }
}

}  // extern "C"
