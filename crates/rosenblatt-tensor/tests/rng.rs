//! Random numbers: the published and independently computed values, their distribution, and that cuts do not show.

use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::{Rng, Sampled, philox4x32};
use rosenblatt_testkit::{assert_close, fixture, same_bits, seeded_cases};
use serde_json::Value;

fn whole_numbers(value: &Value) -> Vec<u64> {
    value.as_array().expect("a list").iter().map(|x| x.as_u64().expect("a whole number")).collect()
}

fn words<const N: usize>(value: &Value) -> [u32; N] {
    let words: Vec<u32> = whole_numbers(value).into_iter().map(|x| x.try_into().expect("a word")).collect();
    words.try_into().expect("as many words")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

fn rng(case: &Value) -> Rng {
    let root = Rng::new(case["seed"].as_u64().expect("a seed"));
    let purposes = case["purposes"].as_array().expect("a list").iter();
    let named = purposes.fold(root, |rng, name| rng.purpose(name.as_str().expect("a name")));
    named.at(case["step"].as_u64().expect("a step"))
}

fn cases(name: &str) -> Vec<Value> {
    let cases = fixture("philox.json")[name].as_array().expect("a list of cases").clone();
    assert!(!cases.is_empty());
    cases
}

#[test]
fn philox_gives_the_known_answers() {
    for case in cases("known_answers") {
        assert_eq!(philox4x32(words(&case["counter"]), words(&case["key"])), words(&case["output"]), "{case}");
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
fn fills_and_streams_are_made_of_the_blocks_words() {
    for case in cases("sequences") {
        let (rng, mut stream) = (rng(&case), rng(&case).stream());
        let expected = whole_numbers(&case["words"]);
        assert!(expected.iter().all(|&word| u64::from(stream.next_u32()) == word));

        let (mut single, mut double) = ([0.0_f32; 40], [0.0_f64; 40]);
        rng.fill_uniform(0, &mut single);
        assert_close(single, numbers(&case["uniform_f32"]), 0.0);
        rng.fill_uniform(0, &mut double);
        assert_close(double, numbers(&case["uniform_f64"]), 0.0);
        let mut stream = rng.stream();
        assert_close(double, double.map(|_| stream.next_f64()), 0.0);

        rng.fill_normal(0, &mut single);
        assert_close(single, numbers(&case["normal_f32"]), 2e-6);
        rng.fill_normal(0, &mut double);
        assert_close(double, numbers(&case["normal_f64"]), 4e-15);
        let mut stream = rng.stream();
        assert_close(double.chunks(2).map(|pair| pair[0]).collect::<Vec<_>>(), [(); 20].map(|()| stream.normal()), 0.0);

        let mut mask = [0; 40];
        rng.fill_bernoulli(0.25, [0, 1], 0, &mut mask);
        assert_eq!(mask[..], whole_numbers(&case["bernoulli_quarter"]));
    }
}

#[test]
fn bounded_numbers_are_those_of_lemire() {
    for case in cases("below") {
        let n = case["n"].as_u64().expect("a bound");
        let mut stream = Rng::new(3).purpose("below").at(case["step"].as_u64().expect("a step")).stream();
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
    for seed in seeded_cases(200) {
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
    cuts_do_not_show(0.0, |rng, first, out: &mut [f32]| rng.fill_uniform(first, out), same_bits);
    cuts_do_not_show(0.0, |rng, first, out: &mut [f64]| rng.fill_uniform(first, out), same_bits);
    cuts_do_not_show(0.0, |rng, first, out: &mut [f32]| rng.fill_normal(first, out), same_bits);
    cuts_do_not_show(0.0, |rng, first, out: &mut [f64]| rng.fill_normal(first, out), same_bits);
    cuts_do_not_show(
        false,
        |rng, first, out| rng.fill_bernoulli(0.3, [false, true], first, out),
        |a, b| assert_eq!(a, b),
    );
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

/// `Σ (observed − expected)² / expected`, to be compared with its 0.999999 quantile: fixed seeds, so no chance is left.
fn chi_square(observed: &[u64], expected: f64) -> f64 {
    observed.iter().map(|&n| (n as f64 - expected).powi(2) / expected).sum()
}

/// Mean, variance, skewness, kurtosis.
fn moments<T: Float>(x: &[T]) -> [f64; 4] {
    let n = x.len() as f64;
    let mean = x.iter().map(|x| x.to_f64()).sum::<f64>() / n;
    let central = |k: i32| x.iter().map(|x| (x.to_f64() - mean).powi(k)).sum::<f64>() / n;
    [mean, central(2), central(3) / central(2).powf(1.5), central(4) / central(2).powi(2)]
}

const MANY: usize = 1 << 20;

fn uniform_numbers_are_uniform<T: Sampled>(largest: f64) {
    let mut x = vec![T::ZERO; MANY];
    Rng::new(1).purpose("uniform").fill_uniform(0, &mut x);
    let x: Vec<f64> = x.into_iter().map(Float::to_f64).collect();
    assert!(x.iter().all(|x| (0.0..=largest).contains(x)));
    // Six standard errors each.
    let [mean, variance, skewness, kurtosis] = moments(&x);
    let error = 6.0 / (MANY as f64).sqrt();
    assert!((mean - 0.5).abs() < error * 0.289 && (variance - 1.0 / 12.0).abs() < error * 0.075);
    assert!(skewness.abs() < error && (kurtosis - 1.8).abs() < error);
    let mut counts = [0; 256];
    x.iter().for_each(|x| counts[(x * 256.0) as usize] += 1);
    assert!(chi_square(&counts, MANY as f64 / 256.0) < 372.0);
    // Pairs of neighbours, also across blocks.
    let mut counts = [0; 256];
    x.windows(2).for_each(|pair| counts[(pair[0] * 16.0) as usize * 16 + (pair[1] * 16.0) as usize] += 1);
    assert!(chi_square(&counts, MANY as f64 / 256.0) < 372.0);
}

#[test]
fn uniform_numbers_are_uniform_in_both_precisions() {
    uniform_numbers_are_uniform::<f32>(1.0 - f64::from(f32::EPSILON) / 2.0);
    uniform_numbers_are_uniform::<f64>(1.0 - f64::EPSILON / 2.0);
}

fn normal_numbers_are_normal<T: Sampled>() {
    let mut x = vec![T::ZERO; MANY];
    Rng::new(1).purpose("normal").fill_normal(0, &mut x);
    assert!(x.iter().all(|x| x.is_finite()));
    let [mean, variance, skewness, kurtosis] = moments(&x);
    let error = 6.0 / (MANY as f64).sqrt();
    assert!(mean.abs() < error && (variance - 1.0).abs() < error * 2.0_f64.sqrt());
    assert!(skewness.abs() < error * 6.0_f64.sqrt() && (kurtosis - 3.0).abs() < error * 24.0_f64.sqrt());
    // Φ turns them into uniform numbers.
    let mut counts = [0; 256];
    x.iter().for_each(|x| counts[(Float::erfc(-x.to_f64() / 2.0_f64.sqrt()) * 128.0) as usize] += 1);
    assert!(chi_square(&counts, MANY as f64 / 256.0) < 372.0);
    // The two of a pair, which share a radius, do not correlate; nor do neighbours across pairs.
    for start in [0, 1] {
        let product: f64 = x[start..].chunks_exact(2).map(|pair| (pair[0] * pair[1]).to_f64()).sum();
        assert!((product / (MANY / 2) as f64).abs() < error * 2.0_f64.sqrt());
    }
}

#[test]
fn normal_numbers_are_normal_in_both_precisions() {
    normal_numbers_are_normal::<f32>();
    normal_numbers_are_normal::<f64>();
}

#[test]
fn choices_have_their_probability_and_its_ends_are_exact() {
    let rng = Rng::new(1).purpose("choice");
    let share = |p: f64| {
        let mut mask = vec![2_u8; MANY];
        rng.fill_bernoulli(p, [0, 1], 0, &mut mask);
        assert!(mask.iter().all(|&bit| bit < 2));
        mask.iter().filter(|&&bit| bit == 1).count() as f64 / MANY as f64
    };
    for p in [1e-4, 0.1, 0.5, 0.9] {
        assert!((share(p) - p).abs() < 6.0 * (p * (1.0 - p) / MANY as f64).sqrt(), "{p}");
    }
    for p in [0.0, -0.0, -1.0, f64::NEG_INFINITY, f64::NAN] {
        assert_eq!(share(p), 0.0, "{p}");
    }
    for p in [1.0, 2.0, f64::INFINITY] {
        assert_eq!(share(p), 1.0, "{p}");
    }
}

#[test]
fn bounded_numbers_are_below_and_equally_likely() {
    let mut stream = Rng::new(1).purpose("below").stream();
    let mut counts = [0; 6];
    (0..60_000).for_each(|_| counts[stream.below(6) as usize] += 1);
    assert!(chi_square(&counts, 10_000.0) < 36.0);
    // Without rejection every third number below 3·2³⁰ would come twice as often.
    let mut counts = [0; 3];
    (0..60_000).for_each(|_| counts[(stream.below(3 << 30) % 3) as usize] += 1);
    assert!(chi_square(&counts, 20_000.0) < 28.0);
    let mut counts = [0; 3];
    (0..60_000).for_each(|_| counts[(stream.below(3 << 62) % 3) as usize] += 1);
    assert!(chi_square(&counts, 20_000.0) < 28.0);
    assert!((0..100).all(|_| stream.below(1) == 0));
}

#[test]
fn every_order_of_four_is_equally_likely() {
    let mut counts = [0; 256];
    for epoch in 0..24_000 {
        let mut rows = [0; 4];
        Rng::new(1).purpose("orders").at(epoch).permutation(&mut rows);
        let code = rows.iter().fold(0, |code, row| code * 4 + row);
        counts[code as usize] += 1;
    }
    let orders: Vec<u64> = counts.into_iter().filter(|&n| n > 0).collect();
    assert_eq!(orders.len(), 24);
    assert!(chi_square(&orders, 1000.0) < 70.0);
}

#[test]
fn shuffling_keeps_every_item_at_any_length() {
    for seed in seeded_cases(50) {
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
