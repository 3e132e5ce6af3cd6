//! Finds entries by their keys, which are not kept.

use std::borrow::Cow;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// Numbers of entries in a hash table. An entry takes 16 bytes; its key is made again when a hash is the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Index(HashTable<(u64, u32)>);

impl Index {
    /// An index without entries, with room for so many.
    pub fn with_capacity(entries: usize) -> Self {
        Self(HashTable::with_capacity(entries))
    }

    /// The entry with this key; `key_of` makes the key of an entry.
    pub fn find<'a>(&self, key: &str, key_of: impl Fn(u32) -> Cow<'a, str>) -> Option<u32> {
        let hash = FixedState::default().hash_one(key);
        let found = self
            .0
            .find(hash, |&(other, entry)| other == hash && *key_of(entry) == *key);
        found.map(|&(_, entry)| entry)
    }

    /// The entry with this key; if there is none, `entry`, which is added.
    pub fn find_or_insert<'a>(&mut self, key: &str, entry: u32, key_of: impl Fn(u32) -> Cow<'a, str>) -> u32 {
        if let Some(found) = self.find(key, key_of) {
            return found;
        }
        let hash = FixedState::default().hash_one(key);
        self.0.insert_unique(hash, (hash, entry), |&(hash, _)| hash);
        entry
    }
}
