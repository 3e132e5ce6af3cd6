//! Places of a source file where one expression can be exchanged for a wrong one.

use std::collections::BTreeSet;
use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, ExprLit, Lit, Stmt, UnOp};

use crate::shell::Outcome;

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Bytes of the file.
    pub range: Range<usize>,
    /// What is written there instead.
    pub wrong: String,
    /// Whether the place is a whole statement, which is then left out.
    pub is_statement: bool,
}

/// Functions that only give tests something to try, or text.
const NOT_MUTATED: [&str; 3] = ["examples", "instances", "fmt"];

/// Every site of a file, in its order.
///
/// # Errors
/// If the file is not Rust.
pub fn sites(text: &str) -> Outcome<Vec<Site>> {
    let file = syn::parse_file(text)?;
    let numbers = file.items.iter().filter_map(|item| match item {
        syn::Item::Const(constant) if source(text, &constant.ty) == "f64" => Some(constant.ident.to_string()),
        _ => None,
    });
    let mut finder = Finder {
        text,
        numbers: numbers.collect(),
        sites: Vec::new(),
    };
    finder.visit_file(&file);
    finder.sites.sort_by_key(|site| (site.range.start, site.range.end));
    Ok(finder.sites)
}

fn source<'t>(text: &'t str, part: &impl Spanned) -> &'t str {
    &text[part.span().byte_range()]
}

struct Finder<'t> {
    text: &'t str,
    /// Constants of the file that are f64.
    numbers: BTreeSet<String>,
    sites: Vec<Site>,
}

impl Finder<'_> {
    fn add(&mut self, part: &impl Spanned, wrong: String) {
        self.sites.push(Site {
            range: part.span().byte_range(),
            wrong,
            is_statement: false,
        });
    }

    fn of(&self, part: &impl Spanned) -> String {
        source(self.text, part).to_owned()
    }

    fn literal(&mut self, literal: &ExprLit) {
        let wrong = match &literal.lit {
            Lit::Bool(bool) => (!bool.value).to_string(),
            Lit::Float(number) => {
                let value: f64 = number.base10_parse().unwrap_or(0.0);
                format!("{:?}", if value == 0.0 { 1.0 } else { 1.25 * value })
            }
            Lit::Int(number) if number.suffix().is_empty() => {
                number.base10_parse().map_or(0, |value: u64| value + 1).to_string()
            }
            _ => return,
        };
        self.add(literal, wrong);
    }

    fn method(&mut self, call: &syn::ExprMethodCall) {
        let receiver = self.of(&call.receiver);
        let name = call.method.to_string();
        let arguments: Vec<String> = call.args.iter().map(|argument| self.of(argument)).collect();
        let wrong = match (name.as_str(), &arguments[..]) {
            ("select", [yes, no]) => format!("{receiver}.select({no}, {yes})"),
            ("exp" | "sqrt" | "abs" | "flush" | "stop_gradient", []) => receiver,
            (_, arguments) => match exchanged(&name) {
                Some(other) => format!("{receiver}.{other}({})", arguments.join(", ")),
                None => return,
            },
        };
        self.add(call, wrong);
    }
}

/// The method that is called by mistake.
fn exchanged(name: &str) -> Option<&'static str> {
    Some(match name {
        "all" => "any",
        "any" => "all",
        "ge" => "gt",
        "gt" => "ge",
        "le" => "lt",
        "ln_1p" => "ln",
        "lt" => "le",
        "max" => "min",
        "maximum" => "minimum",
        "min" => "max",
        "minimum" => "maximum",
        "sigmoid" => "tanh",
        _ => return None,
    })
}

/// The operator that is written by mistake.
fn exchanged_operator(operator: &BinOp) -> Option<&'static str> {
    Some(match operator {
        BinOp::Add(_) => "-",
        BinOp::Sub(_) => "+",
        BinOp::Mul(_) => "/",
        BinOp::Div(_) | BinOp::Rem(_) => "*",
        BinOp::And(_) => "||",
        BinOp::Or(_) => "&&",
        BinOp::Eq(_) => "!=",
        BinOp::Ne(_) => "==",
        BinOp::Lt(_) => "<=",
        BinOp::Le(_) => "<",
        BinOp::Gt(_) => ">=",
        BinOp::Ge(_) => ">",
        BinOp::AddAssign(_) => "-=",
        BinOp::SubAssign(_) => "+=",
        BinOp::MulAssign(_) => "/=",
        BinOp::DivAssign(_) => "*=",
        _ => return None,
    })
}

fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

impl<'a> Visit<'a> for Finder<'_> {
    fn visit_expr_binary(&mut self, binary: &'a syn::ExprBinary) {
        let both = !has_let(&binary.left) && !has_let(&binary.right);
        if let Some(operator) = exchanged_operator(&binary.op).filter(|_| both) {
            let wrong = format!("{} {operator} {}", self.of(&binary.left), self.of(&binary.right));
            self.add(binary, wrong);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'a syn::ExprUnary) {
        if matches!(unary.op, UnOp::Neg(_) | UnOp::Not(_)) {
            let wrong = self.of(&unary.expr);
            self.add(unary, wrong);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_lit(&mut self, literal: &'a ExprLit) {
        self.literal(literal);
    }

    fn visit_expr_path(&mut self, path: &'a syn::ExprPath) {
        let name = self.of(path);
        if self.numbers.contains(&name) {
            self.add(path, format!("1.25 * {name}"));
        }
    }

    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        self.method(call);
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
        let function = self.of(&call.func);
        let arguments: Vec<String> = call.args.iter().map(|argument| self.of(argument)).collect();
        if let ("T::select" | "Real::select" | "Var::select", [mask, yes, no]) = (function.as_str(), &arguments[..]) {
            self.add(call, format!("{function}({mask}, {no}, {yes})"));
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_if(&mut self, branch: &'a syn::ExprIf) {
        if !has_let(&branch.cond) {
            let wrong = format!("!({})", self.of(&branch.cond));
            self.add(&branch.cond, wrong);
        }
        visit::visit_expr_if(self, branch);
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::Expr(Expr::Call(_) | Expr::MethodCall(_) | Expr::Try(_), Some(_)) = statement {
            self.sites.push(Site {
                range: statement.span().byte_range(),
                wrong: String::new(),
                is_statement: true,
            });
        }
        visit::visit_stmt(self, statement);
    }

    // What the compiler evaluates, or what is no expression.
    fn visit_item_const(&mut self, _: &'a syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'a syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'a syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'a syn::TraitItemConst) {}
    fn visit_attribute(&mut self, _: &'a syn::Attribute) {}
    fn visit_pat(&mut self, _: &'a syn::Pat) {}
    fn visit_type(&mut self, _: &'a syn::Type) {}
    fn visit_expr_repeat(&mut self, _: &'a syn::ExprRepeat) {}

    fn visit_item_fn(&mut self, function: &'a syn::ItemFn) {
        if function.sig.constness.is_none() {
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
        let name = function.sig.ident.to_string();
        if function.sig.constness.is_none() && !NOT_MUTATED.contains(&name.as_str()) {
            visit::visit_impl_item_fn(self, function);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sites;

    #[test]
    fn every_kind_of_change_is_found_once_and_constants_are_left_alone() {
        let text = "const A: f64 = 2.0;\nfn f(x: f64) -> f64 { check(x)?; if x < A { -x } else { x.max(0.5) } }\n\
                    impl B { fn examples() -> f64 { 1.0 + 2.0 } }";
        let mut found: Vec<(&str, String)> = sites(text)
            .unwrap()
            .into_iter()
            .map(|site| (&text[site.range], site.wrong))
            .collect();
        let expected = [
            ("check(x)?;", ""),
            ("x < A", "!(x < A)"),
            ("x < A", "x <= A"),
            ("A", "1.25 * A"),
            ("-x", "x"),
            ("x.max(0.5)", "x.min(0.5)"),
            ("0.5", "0.625"),
        ];
        let mut expected = expected.map(|(from, to)| (from, to.to_owned())).to_vec();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}
