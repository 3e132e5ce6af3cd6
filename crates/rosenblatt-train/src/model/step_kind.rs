//! What a step of a network may be.

/// What is computed for some rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepKind {
    /// Loss and score, then a step of the optimizer; rows are picked by number from all rows, which are given.
    Train,
    /// The same for rows that are given.
    TrainBatch,
    /// Loss and score, and the gradient taken into the mean of a step of several batches; the optimizer does not follow.
    Accumulate,
    /// The same for rows that are given.
    AccumulateBatch,
    /// Loss and score of rows that are given, the loss with its penalties, and the gradient of each trained parameter.
    Objective,
    /// Loss and score of rows that are given.
    Evaluate,
    /// For each output, what metrics are made from: logits, or numbers on the network's own scale; see
    /// [`super::head::Head::scores`].
    Score,
    /// The output of the network.
    Predict,
    /// What the layer with this number among those with running statistics is given: see [`super::network_step::NetworkStep::statistics`].
    Statistics(usize),
}

impl StepKind {
    /// Training on rows in memory, or on rows that are given; `last` of the batches of a step of the optimizer.
    pub(crate) fn training(in_memory: bool, last: bool) -> Self {
        match (in_memory, last) {
            (true, true) => Self::Train,
            (false, true) => Self::TrainBatch,
            (true, false) => Self::Accumulate,
            (false, false) => Self::AccumulateBatch,
        }
    }

    /// Whether rows are picked by number from all rows.
    pub(super) fn picks(self) -> bool {
        matches!(self, Self::Train | Self::Accumulate)
    }

    /// Whether the optimizer takes a step.
    pub(super) fn is_last(self) -> bool {
        matches!(self, Self::Train | Self::TrainBatch)
    }

    /// Whether the network is put on the graph as for training.
    pub(super) fn is_training(self) -> bool {
        self.is_last() || matches!(self, Self::Accumulate | Self::AccumulateBatch | Self::Objective)
    }
}
