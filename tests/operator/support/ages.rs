//! Ages, which differ from run to run.

/// The text with AGE in the place of 5s or 2m, and one blank in the place of several: the widths
/// of columns follow their longest text.
pub fn ageless(text: &str) -> String {
    let words = |line: &str| {
        let is_age = |word: &str| {
            let digits = word.trim_end_matches(['s', 'm']);
            digits.len() + 1 == word.len() && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        let words = line.split_whitespace();
        let words = words.map(|word| if is_age(word) { "AGE" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    text.lines().map(words).collect::<Vec<_>>().join("\n")
}
