//! Saving on a file system that fails.

mod common;

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Job, alone};
use rosenblatt_tensor::ErrorKind;
use rosenblatt_train::files::{self, Disk, Output, RealDisk};
use rosenblatt_train::{CheckpointOptions, Every, Model, RunOptions};

/// Fails at one call, counted from 0; writes arrive in small pieces.
#[derive(Clone, Debug, Default)]
struct Failing {
    calls: Arc<AtomicUsize>,
    fails_at: usize,
}

impl Failing {
    fn call(&self) -> io::Result<()> {
        match self.calls.fetch_add(1, Ordering::Relaxed) == self.fails_at {
            true => Err(io::Error::other("the disk is full")),
            false => Ok(()),
        }
    }
}

impl Disk for Failing {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        self.call()?;
        Ok(Box::new(FailingOutput {
            disk: self.clone(),
            output: RealDisk.create(path)?,
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call()?;
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call()?;
        RealDisk.remove(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.call()?;
        RealDisk.sync_folder(folder)
    }
}

struct FailingOutput {
    disk: Failing,
    output: Box<dyn Output>,
}

impl Write for FailingOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.disk.call()?;
        self.output.write(&bytes[..bytes.len().min(1000)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.disk.call()?;
        self.output.flush()
    }
}

impl Output for FailingOutput {
    fn sync(&mut self) -> io::Result<()> {
        self.disk.call()?;
        self.output.sync()
    }
}

#[test]
fn whichever_call_fails_the_file_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let (old, new) = (vec![1; 5000], vec![2; 7000]);
    let mut failures = 0;
    for fails_at in 0.. {
        fs::write(&path, &old).unwrap();
        let disk = Failing {
            fails_at,
            ..Failing::default()
        };
        let result = files::write(&disk, &path, &new);
        let content = fs::read(&path).unwrap();
        assert!(content == old || content == new, "call {fails_at}");
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "call {fails_at} left something behind"
        );
        match result {
            Ok(()) => {
                assert!(content == new);
                break;
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Io);
                assert!(error.to_string().contains("the disk is full"), "{error}");
                failures += 1;
            }
        }
    }
    // Create, seven pieces, flush, sync, rename, sync of the folder.
    assert_eq!(failures, 12);
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = files::write(&RealDisk, &folder.path().join("missing").join("file"), b"x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
}

/// A checkpoint that cannot be written ends the run, and the ones before can be read.
#[test]
fn a_failed_checkpoint_is_reported_and_the_last_one_stays() {
    let job = Job::with_everything();
    for fails_at in [0, 1, 9, 17, 26, 40] {
        let folder = tempfile::tempdir().unwrap();
        let disk = Arc::new(Failing {
            fails_at,
            ..Failing::default()
        });
        let beside = CheckpointOptions::beside(&folder.path().join("model"));
        let checkpoint = CheckpointOptions {
            every: Every::Steps(1),
            disk,
            ..beside
        };
        let place = checkpoint.folder.clone();
        // Removing an old generation may fail: nothing is lost, and the next save tries again.
        if let Err(error) = job.train(&RunOptions {
            checkpoint: Some(checkpoint),
            ..alone()
        }) {
            assert_eq!(error.kind(), ErrorKind::Io, "{error:?}");
            assert!(error.to_string().contains("step "), "{error}");
        }
        for entry in fs::read_dir(place).unwrap() {
            Model::load(entry.unwrap().path()).unwrap();
        }
    }
}
