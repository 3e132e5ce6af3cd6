//! The few arguments a command takes.

use std::str::FromStr;

use crate::shell::Outcome;

/// Words of the command line, taken one by one; what is left at the end is a mistake.
pub struct Args {
    words: Vec<String>,
}

impl Args {
    /// All words after the command's name.
    pub fn new(words: impl Iterator<Item = String>) -> Self {
        Self { words: words.collect() }
    }

    /// Takes the first word that is not an option, if there is one.
    pub fn word(&mut self) -> Option<String> {
        let at = self.words.iter().position(|word| !word.starts_with("--"))?;
        Some(self.words.remove(at))
    }

    /// Takes `--name`; says whether it was there.
    pub fn flag(&mut self, name: &str) -> bool {
        let at = self.words.iter().position(|word| word == name);
        at.map(|at| self.words.remove(at)).is_some()
    }

    /// Takes `--name VALUE`.
    ///
    /// # Errors
    /// If the value is missing or not of the type asked for.
    pub fn value<T: FromStr>(&mut self, name: &str) -> Outcome<Option<T>> {
        let Some(at) = self.words.iter().position(|word| word == name) else {
            return Ok(None);
        };
        self.words.remove(at);
        if at == self.words.len() {
            return Err(format!("{name}: expected a value after it").into());
        }
        let text = self.words.remove(at);
        let value = text.parse().map_err(|_| format!("{name}: cannot use `{text}`"))?;
        Ok(Some(value))
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    /// Names the first word that was not used.
    pub fn finish(&self) -> Outcome {
        match self.words.first() {
            Some(word) => Err(format!("unknown argument `{word}`").into()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(String::from))
    }

    #[test]
    fn options_may_stand_anywhere_and_strangers_are_refused() {
        let mut args = args("peers --rounds 3 --quick extra");
        assert_eq!(args.value::<usize>("--rounds").unwrap(), Some(3));
        assert_eq!(args.word().as_deref(), Some("peers"));
        assert!(args.flag("--quick") && !args.flag("--quick"));
        assert_eq!(args.finish().unwrap_err().to_string(), "unknown argument `extra`");
    }

    #[test]
    fn a_missing_or_wrong_value_is_an_error() {
        assert!(args("--rounds").value::<usize>("--rounds").is_err());
        assert!(args("--rounds many").value::<usize>("--rounds").is_err());
        assert_eq!(args("").value::<usize>("--rounds").unwrap(), None);
    }
}
