//! Random numbers: the published and independently computed values, and that neither cuts nor machines show.

use rosenblatt_tensor::Isa;
use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::rng::{Rng, philox4x32};
use rosenblatt_testkit::{assert_close, fixture, same_bits, seeded_cases};
use serde_json::Value;

fn whole_numbers(value: &Value) -> Vec<u64> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|x| x.as_u64().expect("a whole number"))
        .collect()
}

fn words<const N: usize>(value: &Value) -> [u32; N] {
    let words: Vec<u32> = whole_numbers(value)
        .into_iter()
        .map(|x| x.try_into().expect("a word"))
        .collect();
    words.try_into().expect("as many words")
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|x| x.as_f64().expect("a number"))
        .collect()
}

fn rng(case: &Value) -> Rng {
    let root = Rng::new(case["seed"].as_u64().expect("a seed"));
    let purposes = case["purposes"].as_array().expect("a list").iter();
    let named = purposes.fold(root, |rng, name| rng.purpose(name.as_str().expect("a name")));
    named.at(case["step"].as_u64().expect("a step"))
}

fn cases(name: &str) -> Vec<Value> {
    let cases = fixture("philox.json")[name]
        .as_array()
        .expect("a list of cases")
        .clone();
    assert!(!cases.is_empty());
    cases
}

#[test]
fn philox_gives_the_known_answers() {
    for case in cases("known_answers") {
        assert_eq!(
            philox4x32(words(&case["counter"]), words(&case["key"])),
            words(&case["output"]),
            "{case}"
        );
    }
}

#[test]
fn blocks_are_those_of_the_documented_counter() {
    for case in cases("blocks") {
        let index = case["index"].as_u64().expect("an index");
        assert_eq!(rng(&case).block(index), words(&case["words"]), "{case}");
    }
}

#[test]
fn streams_and_fills_are_made_of_the_blocks_words() {
    for case in cases("sequences") {
        let (rng, mut stream) = (rng(&case), rng(&case).stream());
        assert_eq!([(); 10].map(|()| stream.next_u32()), words(&case["words"]));

        let (mut single, mut double, mut mask) = ([0.0_f32; 80], [0.0_f64; 80], [0; 80]);
        rng.fill_uniform(0, &mut single);
        assert_close(single, numbers(&case["uniform_f32"]), 0.0);
        rng.fill_uniform(0, &mut double);
        assert_close(double, numbers(&case["uniform_f64"]), 0.0);
        rng.fill_normal(0, &mut single);
        assert_close(single, numbers(&case["normal_f32"]), 2e-6);
        rng.fill_normal(0, &mut double);
        assert_close(double, numbers(&case["normal_f64"]), 4e-15);
        rng.fill_bernoulli(0.25, [0, 1], 0, &mut mask);
        assert_eq!(mask[..], whole_numbers(&case["bernoulli_quarter"]));
    }
}

#[test]
fn a_stream_reads_the_same_numbers_as_a_fill_block_by_block() {
    let rng = Rng::new(1);
    let (mut uniform, mut normal, mut stream) = ([0.0_f64; 32], [0.0_f64; 32], rng.stream());
    rng.fill_uniform(0, &mut uniform);
    for block in 0..16 {
        assert_eq!(
            [stream.next_f64(), stream.next_f64()],
            [uniform[block], uniform[16 + block]]
        );
    }
    rng.fill_normal(0, &mut normal);
    let mut stream = rng.stream();
    assert!(normal[..16].iter().all(|&z| stream.normal() == z));
}

#[test]
fn bounded_numbers_are_those_of_lemire() {
    for case in cases("below") {
        let n = case["n"].as_u64().expect("a bound");
        let mut stream = Rng::new(3)
            .purpose("below")
            .at(case["step"].as_u64().expect("a step"))
            .stream();
        for (i, expected) in whole_numbers(&case["values"]).into_iter().enumerate() {
            assert_eq!(stream.below(n), expected, "number {i} below {n}");
        }
    }
}

#[test]
fn permutations_are_those_of_fisher_and_yates() {
    for case in cases("permutations") {
        let expected = whole_numbers(&case["rows"]);
        let rng = Rng::new(case["seed"].as_u64().expect("a seed")).purpose("shuffle");
        let mut rows = vec![u64::MAX; expected.len()];
        rng.at(case["epoch"].as_u64().expect("an epoch")).permutation(&mut rows);
        assert_eq!(rows, expected);
    }
}

/// Fills in one call, then in random pieces, at a random place; `read` makes numbers comparable.
fn cuts_do_not_show<T: Copy + PartialEq>(empty: T, fill: impl Fn(&Rng, u64, &mut [T]), same: impl Fn(&[T], &[T])) {
    for seed in seeded_cases(2000) {
        let mut draw = Rng::new(seed).purpose("cuts").stream();
        let rng = Rng::new(draw.next_u64()).at(draw.next_u64());
        let first = [0, 1, 2, 3, 64, 1 << 40, u64::MAX - 400][draw.below(7) as usize] + draw.below(70);
        let mut whole = vec![empty; draw.below(300) as usize];
        fill(&rng, first, &mut whole);
        let mut pieces = vec![empty; whole.len()];
        let mut done = 0;
        while done < pieces.len() {
            let size = (draw.below(100) as usize).min(pieces.len() - done);
            fill(&rng, first + done as u64, &mut pieces[done..done + size]);
            done += size;
        }
        same(&pieces, &whole);
    }
}

#[test]
fn an_element_does_not_depend_on_how_a_fill_is_cut() {
    cuts_do_not_show(
        0.0,
        |rng, first, out: &mut [f32]| rng.fill_uniform(first, out),
        same_bits,
    );
    cuts_do_not_show(
        0.0,
        |rng, first, out: &mut [f64]| rng.fill_uniform(first, out),
        same_bits,
    );
    cuts_do_not_show(
        0.0,
        |rng, first, out: &mut [f32]| rng.fill_normal(first, out),
        same_bits,
    );
    cuts_do_not_show(
        0.0,
        |rng, first, out: &mut [f64]| rng.fill_normal(first, out),
        same_bits,
    );
    cuts_do_not_show(
        false,
        |rng, first, out| rng.fill_bernoulli(0.3, [false, true], first, out),
        |a, b| assert_eq!(a, b),
    );
}

/// Every kind of fill, one after the other.
struct Fills<'a>(&'a Rng, u64, &'a mut [f32], &'a mut [f64], &'a mut [u8]);

impl Loop for Fills<'_> {
    type Output = Vec<u64>;

    #[inline(always)]
    fn run(self) -> Vec<u64> {
        let Fills(rng, first, single, double, mask) = self;
        let mut bits = Vec::new();
        rng.fill_uniform(first, single);
        bits.extend(single.iter().map(|x| u64::from(x.to_bits())));
        rng.fill_uniform(first, double);
        bits.extend(double.iter().map(|x| x.to_bits()));
        rng.fill_normal(first, single);
        bits.extend(single.iter().map(|x| u64::from(x.to_bits())));
        rng.fill_normal(first, double);
        bits.extend(double.iter().map(|x| x.to_bits()));
        rng.fill_bernoulli(0.3, [0, 1], first, mask);
        bits.extend(mask.iter().map(|&x| u64::from(x)));
        bits
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    for seed in seeded_cases(200) {
        for len in [0, 1, 17, 64, 1000] {
            let run = |isa: Isa| {
                let (mut single, mut double, mut mask) = (vec![0.0; len], vec![0.0; len], vec![0; len]);
                isa.run(Fills(&Rng::new(seed), seed, &mut single, &mut double, &mut mask))
            };
            for isa in Isa::supported() {
                same_bits(&run(isa), &run(Isa::Portable));
            }
        }
    }
}

#[test]
fn streams_with_different_names_differ() {
    let root = Rng::new(1);
    let named = [
        root,
        Rng::new(2),
        Rng::new(1 << 32 | 1),
        root.purpose("a"),
        root.purpose("b"),
        root.purpose("ab"),
        root.purpose("a").purpose("b"),
        root.purpose("b").purpose("a"),
        root.purpose("a").purpose(""),
        root.at(1),
        root.at(1 << 32),
        root.purpose("a").at(1),
        root.purpose("a").at(1 << 63),
    ];
    let blocks = named.map(|rng| rng.block(0));
    for (i, block) in blocks.iter().enumerate() {
        assert!(!blocks[..i].contains(block), "{:?}", named[i]);
    }
}

#[test]
fn shuffling_keeps_every_item_at_any_length() {
    for seed in seeded_cases(500) {
        let mut stream = Rng::new(seed).stream();
        for len in [0, 1, 2, 3, 100] {
            let mut items: Vec<usize> = (0..len).collect();
            stream.shuffle(&mut items);
            items.sort();
            assert!(items.into_iter().eq(0..len));
        }
    }
}

#[test]
fn sizes_meet_every_hard_one() {
    let mut stream = Rng::new(0).stream();
    let mut seen: Vec<usize> = (0..100).flat_map(|_| stream.sizes::<3>()).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen, [0, 1, 2, 3, 5, 17]);
    let [] = stream.sizes();
}
