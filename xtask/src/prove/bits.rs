//! The same training gives the same model file, byte for byte.

use std::borrow::Cow;
use std::time::Instant;

use super::watched::{Kind, Watched, versions};
use super::{Context, Proof};
use crate::mixed;
use crate::program::{self, Program, checkpoint_folder};
use crate::random::Random;
use crate::shell::Outcome;

/// See the module.
pub static PROOF: Proof = Proof {
    name: "bits",
    claim: "Threads, way to run, instruction set, and a kill with resume leave every bit of the model as it was.",
    run,
};

/// A training run, and after how many steps it saves where it is to be killed.
struct Task {
    name: &'static str,
    arguments: Cow<'static, str>,
    save_every: usize,
}

const TASKS: [Task; 3] = [
    Task {
        name: "digits, dropout",
        arguments: Cow::Borrowed(
            "digits --preset plain --hidden 64,32 --activation relu --dropout 0.2 --optimizer adam --lr 0.001 \
                    --batch-size 32 --epochs 8",
        ),
        save_every: 3,
    },
    Task {
        name: "penguins",
        arguments: Cow::Borrowed(
            "penguins --preset plain --hidden 16 --activation gelu --optimizer sgd --lr 0.05 --batch-size 32 \
                    --epochs 30",
        ),
        save_every: 1,
    },
    Task {
        name: "fashion",
        arguments: Cow::Borrowed(
            "fashion-mnist --preset plain --hidden 256 --activation relu --optimizer sgd --lr 0.1 \
                    --batch-size 256 --epochs 1",
        ),
        save_every: 20,
    },
];

const THREADS: [usize; 4] = [1, 2, 3, 4];
const EXECUTIONS: [&str; 2] = ["static", "dynamic"];
/// A run may end before it is killed; then it is started again.
const ATTEMPTS: usize = 20;

fn run(context: &mut Context) -> Outcome {
    let wanted: Option<String> = context.args.value("--task")?;
    context.args.finish()?;
    let program = context.program()?;
    let mut random = Random::new(1);
    let mixed = Task {
        name: "table: gaps, dates, weights, embedding, batch norm",
        arguments: Cow::Owned(mixed::training(&context.scratch.join("mixed.csv"))? + " --epochs 6"),
        save_every: 2,
    };
    let is_wanted = |task: &Task| wanted.as_deref().is_none_or(|wanted| task.name.starts_with(wanted));
    for task in TASKS.iter().chain([&mixed]).filter(|task| is_wanted(task)) {
        let reference = train(context, &program, task, "--threads 1 --execution static")?;
        context.report.note(task.name, &reference);
        for execution in EXECUTIONS {
            for threads in THREADS {
                let way = format!("--threads {threads} --execution {execution}");
                compare(context, task, &way, &reference, |context| {
                    train(context, &program, task, &way)
                })?;
                // The second half runs on another number of threads: what is saved must not depend on it.
                let after = format!("--threads {} --execution {execution}", THREADS.len() + 1 - threads);
                let name = format!("{way}, killed, resumed");
                compare(context, task, &name, &reference, |context| {
                    killed_and_resumed(context, &program, task, [&way, &after], &mut random)
                })?;
            }
        }
        for isa in instruction_sets() {
            let way = format!("--threads 2 --isa {isa}");
            compare(context, task, &way, &reference, |context| {
                train(context, &program, task, &way)
            })?;
        }
    }
    Ok(())
}

/// Reports one way to run; its time is printed where it is long.
fn compare(
    context: &mut Context,
    task: &Task,
    way: &str,
    reference: &str,
    hash: impl FnOnce(&Context) -> Outcome<String>,
) -> Outcome {
    let start = Instant::now();
    let hash = hash(context)?;
    let name = format!("{}: {way} ({:.1} s)", task.name, start.elapsed().as_secs_f64());
    context.report.same(name.replace("--", ""), &hash, reference);
    Ok(())
}

fn train(context: &Context, program: &Program, task: &Task, way: &str) -> Outcome<String> {
    program::hash_of_training(program, &format!("{} {way}", task.arguments), &context.scratch)
}

/// Kills the run at a random moment after its first save, resumes it, and returns the model's hash.
fn killed_and_resumed(
    context: &Context,
    program: &Program,
    task: &Task,
    [before, after]: [&str; 2],
    random: &mut Random,
) -> Outcome<String> {
    let model = context.scratch.join("killed.safetensors");
    for _ in 0..ATTEMPTS {
        program::remove(&model)?;
        let arguments = format!("{} --checkpoint-every {}", task.arguments, task.save_every);
        let mut run = Watched::start(program, &format!("{arguments} {before}"), &model)?;
        if !killed(&mut run, &model, random)? || !run.kill()? || model.exists() {
            continue;
        }
        program.train(&format!("{arguments} {after} --resume"), &model)?;
        return program::hash(&model);
    }
    Err(format!("{}: ended {ATTEMPTS} times before it could be killed", task.name).into())
}

/// Waits for up to 20 further saves after the first; false if the run ended first.
fn killed(run: &mut Watched, model: &std::path::Path, random: &mut Random) -> Outcome<bool> {
    let saves = 1 + (random.unit() * 20.0) as usize;
    for _ in 0..saves {
        let seen = versions(&checkpoint_folder(model), Kind::Whole);
        if !run.wait_for(Kind::Whole, &seen)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Those this processor has.
fn instruction_sets() -> Vec<&'static str> {
    #[cfg(target_arch = "x86_64")]
    {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let avx512 = avx2 && is_x86_feature_detected!("avx512f");
        [("portable", true), ("avx2", avx2), ("avx512", avx512)]
            .iter()
            .filter(|(_, has)| *has)
            .map(|(name, _)| *name)
            .collect()
    }
    #[cfg(not(target_arch = "x86_64"))]
    vec!["portable"]
}
