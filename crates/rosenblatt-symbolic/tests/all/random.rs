//! Random expressions: text and tree, and all ways to the derivatives.

use rosenblatt_symbolic::functions::FUNCTIONS;
use rosenblatt_symbolic::{AtPoint, Constant, Derivation, Expression, parse, simplify};
use rosenblatt_testkit::seeded_cases;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }

    fn leaf(&mut self) -> Expression {
        match self.below(8) {
            0 => Expression::Number([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 1e-7][self.below(7)]),
            1 => Expression::Constant(Constant::ALL[self.below(2)]),
            i => Expression::Variable(["x", "y", "z"][i % 3].into()),
        }
    }

    fn expression(&mut self, depth: usize) -> Expression {
        if depth == 0 {
            return self.leaf();
        }
        let mut part = || {
            let below = self.below(depth);
            self.expression(below)
        };
        let (u, v) = (part(), part());
        match self.below(10) {
            0 => -u,
            1 | 2 => u + v,
            3 => u - v,
            4 | 5 => u * v,
            6 => u / v,
            7 => u.pow(Expression::number([2.0, 3.0, -1.0, 0.5, 0.0, 1.0][self.below(6)])),
            8 => u.pow(v),
            _ => {
                let function = &FUNCTIONS[self.below(FUNCTIONS.len())];
                function.of([u, v].into_iter().take(function.arity()))
            }
        }
    }

    fn point(&mut self) -> Vec<(String, f64)> {
        let mut value = || -2.0 + 4.0 * self.below(1 << 20) as f64 / f64::from(1 << 20);
        ["x", "y", "z"].map(|name| (name.to_owned(), value())).into()
    }
}

/// Whether all values and gradients are of a size that differences can show, and no kink is near.
fn is_tame(at: &AtPoint) -> bool {
    let of = |i: usize| at.graph.nodes[i].value;
    at.warnings.is_empty()
        && at.graph.nodes.iter().all(|node| {
            let kinked = [
                "abs",
                "hard_tanh",
                "is_positive",
                "leaky_relu",
                "max",
                "min",
                "relu",
                "sign",
                "step",
                "elu",
                "softsign",
            ];
            let distance = match node.operands[..] {
                [u, v] => (of(u) - of(v)).abs(),
                [u] => of(u).abs().min((1.0 - of(u).abs()).abs()),
                _ => 1.0,
            };
            let is_far = !kinked.contains(&&*node.operation) || distance > 1e-2;
            is_far && node.value.abs() < 1e3 && node.gradients[0].abs() < 1e3
        })
}

#[test]
fn four_ways_lead_to_the_same_derivative() {
    let mut cases = 0;
    for seed in seeded_cases(2_000) {
        let mut random = Random(seed);
        let (derivation, at) = loop {
            let text = random.expression(6).to_string();
            let derivation = Derivation::new(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let mut point = random.point();
            point.retain(|(name, _)| derivation.variables.contains(name));
            let at = derivation.at(&point).unwrap();
            if is_tame(&at) && derivation.outputs[0].expression.operations() > 3 && !point.is_empty() {
                break (derivation, at);
            }
        };
        let f = &derivation.outputs[0];
        println!("{} at {:?}", f.expression, at.values);
        for variable in 0..derivation.variables.len() {
            let [numeric, symbolic, forward, reverse] = at.ways.each_ref().map(|way| way.jacobian[0][variable]);
            let near =
                |a: f64, b: f64, bound: f64| assert!((a - b).abs() <= bound, "{}: {a} {b}", f.derivatives[variable]);
            let bound = 1e-10 * reverse.abs().max(1.0);
            near(symbolic, reverse, bound);
            near(forward, reverse, bound);
            near(numeric, reverse, at.numeric_bounds[0][variable]);
        }
        cases += 1;
    }
    println!("cases: random derivatives {cases}");
}

#[test]
fn simplified_text_has_the_same_value() {
    let mut finite = 0;
    for seed in seeded_cases(3_000) {
        let mut random = Random(seed + 1_000_000);
        let (f, point) = (random.expression(7), random.point());
        let value = |f: &Expression| {
            f.value(&|name| point.iter().find(|(known, _)| known == name).map(|(_, x)| *x))
                .unwrap()
        };
        assert_eq!(parse(&f.to_string()).unwrap(), f);
        let short = simplify(&f);
        println!("{f}  →  {short}");
        assert_eq!(parse(&short.to_string()).unwrap(), short);
        let (before, after) = (value(&f), value(&short));
        if before.is_finite() {
            finite += 1;
            let largest = largest_part(&f, &value);
            assert!(
                (before - after).abs() <= 1e-12 * largest.max(1.0),
                "{before} {after}, largest {largest}"
            );
        }
    }
    assert!(finite > 100, "{finite}");
    println!("cases: simplified expressions {finite}");
}

/// The size that rounding is relative to.
fn largest_part(f: &Expression, value: &dyn Fn(&Expression) -> f64) -> f64 {
    let parts = f.operands().into_iter().map(|part| largest_part(part, value));
    let own = value(f).abs();
    parts
        .filter(|part| part.is_finite())
        .fold(if own.is_finite() { own } else { 0.0 }, f64::max)
}
