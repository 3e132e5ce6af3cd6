//! One training, run in every way: one test alone in its process, since it counts compiled plans.

mod common;

use common::{Job, alone, dynamic};
use rosenblatt_autodiff::plan::Plan;
use rosenblatt_tensor::Isa;
use rosenblatt_train::RunOptions;
use rosenblatt_train::presets::{Overrides, Preset};

#[test]
fn the_file_is_the_same_whatever_runs_it() {
    let job = Job::with_everything();
    same_whatever_runs_it(&job);
    same_whatever_runs_it(&Job::with_averages("swa=0.5"));
    same_whatever_runs_it(&Job::with_images());
    let bytes = job.train(&alone()).unwrap().model.to_bytes().unwrap();
    let other = Job::on(Preset::Plain, &job.spec.data, &Overrides::default().set("seed", 1));
    assert!(
        other.train(&alone()).unwrap().model.to_bytes().unwrap() != bytes,
        "another seed"
    );
}

fn same_whatever_runs_it(job: &Job) {
    let reference = job.train(&alone()).unwrap();
    let bytes = reference.model.to_bytes().unwrap();
    let plans = Plan::compiled();
    for threads in [1, 2, 3, 4] {
        let options = RunOptions { threads, ..dynamic() };
        assert!(
            job.train(&options).unwrap().model.to_bytes().unwrap() == bytes,
            "dynamic, {threads} threads"
        );
    }
    assert_eq!(Plan::compiled(), plans, "a dynamic run compiles no plan");
    for threads in [2, 3, 4] {
        let options = RunOptions { threads, ..alone() };
        assert!(
            job.train(&options).unwrap().model.to_bytes().unwrap() == bytes,
            "static, {threads} threads"
        );
    }
    for isa in Isa::supported() {
        let options = RunOptions { isa, ..alone() };
        assert!(job.train(&options).unwrap().model.to_bytes().unwrap() == bytes, "{isa}");
    }
}
