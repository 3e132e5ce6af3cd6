//! Layers, losses and so on of one's own, in a few lines.

use rosenblatt_nn::entry::Own;
use rosenblatt_tensor::Result;

/// Makes an entry of one's own known, so that networks and models that hold it can be saved, and read in a program that
/// has called this. Call it where the program starts; calling it again does nothing.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if there is another entry of this kind and name: none is ever replaced.
pub fn register<T: Own>() -> Result<()> {
    T::register()
}

macro_rules! kinds {
    ($d:tt $($(#[$doc:meta])* $macro:ident => $kind:ident;)*) => {$(
        $(#[$doc])*
        #[macro_export]
        macro_rules! $macro {
            ($d($d definition:tt)*) => {
                $crate::__entry! { $crate::nn::$kind, $d($d definition)* }
            };
        }
    )*};
}
kinds! { $
    /// A layer of one's own: its name and its settings, which become plain data with a JSON schema.
    ///
    /// What is left to write is [`Layer`](crate::nn::Layer). Without a registration ([`register`](crate::register)) it
    /// trains and predicts; saving it needs one. Settings must be given unless the struct has `#[serde(default)]` and a
    /// `Default`. After the struct, items of [`Config`](crate::nn::Config) may follow, such as `check`.
    ///
    /// # Example
    /// ```
    /// use rosenblatt::prelude::*;
    ///
    /// rosenblatt::layer! { "gate", pub struct Gate { pub scale: f64 } }
    ///
    /// impl Layer for Gate {
    ///     fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
    ///         let n = x.shape()[1];
    ///         x + x.matmul(scope.weight("weight", &[n, n]).matrix_transpose()).tanh() * self.scale
    ///     }
    /// }
    ///
    /// rosenblatt::register::<Gate>()?;
    /// let network = layers::Sequential::new().then(Gate { scale: 0.5 });
    /// let json = serde_json::to_string(&network)?;
    /// assert_eq!(json, r#"{"layers":[{"gate":{"scale":0.5}}]}"#);
    /// assert_eq!(serde_json::from_str::<layers::Sequential>(&json)?, network);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    layer => Layer;
    /// A loss of one's own, as [`layer!`](crate::layer) defines a layer.
    ///
    /// # Example
    /// ```
    /// use rosenblatt::prelude::*;
    /// use rosenblatt::nn::TargetKind;
    ///
    /// rosenblatt::loss! { "log_cosh", pub struct LogCosh {} }
    ///
    /// impl Loss for LogCosh {
    ///     fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
    ///         losses::Mse {}.outputs(target_kind)
    ///     }
    ///
    ///     fn per_example<'g>(&self, prediction: Var<'g>, targets: Var<'g>) -> Var<'g> {
    ///         let error = prediction - targets.reshape(&prediction.shape());
    ///         ((error.exp() + (-error).exp()) * 0.5).ln().mean(&[-1], false)
    ///     }
    /// }
    /// # rosenblatt::register::<LogCosh>()?;
    /// # Ok::<(), Error>(())
    /// ```
    loss => Loss;
    /// A metric of one's own, as [`layer!`](crate::layer) defines a layer.
    metric => Metric;
    /// An optimizer of one's own, as [`layer!`](crate::layer) defines a layer.
    optimizer => Optimizer;
    /// A schedule of one's own, as [`layer!`](crate::layer) defines a layer.
    schedule => Schedule;
    /// An initializer of one's own, as [`layer!`](crate::layer) defines a layer.
    initializer => Initializer;
}

#[doc(hidden)]
#[macro_export]
macro_rules! __entry {
    ($kind:path, $name:literal, $(#[$meta:meta])* $vis:vis struct $type:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $of:ty),* $(,)?
    } $($config:tt)*) => {
        #[derive(
            Clone, Debug, PartialEq,
            $crate::nn::__private::serde::Serialize,
            $crate::nn::__private::serde::Deserialize,
            $crate::nn::__private::schemars::JsonSchema,
        )]
        #[serde(crate = "rosenblatt::nn::__private::serde", deny_unknown_fields)]
        #[schemars(crate = "rosenblatt::nn::__private::schemars")]
        $(#[$meta])*
        $vis struct $type { $($(#[$field_meta])* $field_vis $field: $of),* }

        impl $crate::nn::Config for $type {
            const NAME: &'static str = $name;
            $($config)*
        }

        impl $crate::nn::entry::Own for $type {
            fn register() -> $crate::Result<()> {
                $crate::nn::register($crate::nn::Registration::<dyn $kind>::of::<Self>())
            }
        }
    };
}
