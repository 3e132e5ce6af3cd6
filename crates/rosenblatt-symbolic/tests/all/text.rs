//! Text to trees and back.
use rosenblatt_symbolic::Derivation;
#[test]
fn look() {
    for (text, at) in [
        ("x*(x+y)", "xy"),
        ("sigmoid(w*x + b)", "wxb"),
        ("x*exp(3*x*max(x,y))", "xy"),
    ] {
        let d = Derivation::new(text).unwrap();
        for o in &d.outputs {
            for (v, e) in d.variables.iter().zip(&o.derivatives) {
                println!("d{}/d{v} = {e}", o.name);
            }
        }
        let values: Vec<_> = at
            .chars()
            .zip([2.0, 1.0, 0.5])
            .map(|(c, v)| (c.to_string(), v))
            .collect();
        let at = d.at(&values).unwrap();
        println!("{:?}\n{:#?}\n{}", at.results, at.ways, at.to_dot());
        println!("{:?} {:?}", at.numeric_bounds, at.warnings);
    }
}
