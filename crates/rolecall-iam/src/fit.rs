//! Whether something matches: yes, no, or it hangs on a value nobody knows yet.

/// Three-valued truth, as Kleene has it: an unknown decides only what nothing else decides. In this order, so that
/// "and" is the least and "or" the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    No,
    Unknown,
    Yes,
}

impl Fit {
    #[inline]
    pub(crate) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }

    #[inline]
    pub(crate) fn and(self, other: Self) -> Self {
        self.min(other)
    }

    #[inline]
    pub(crate) fn or(self, other: Self) -> Self {
        self.max(other)
    }

    #[inline]
    pub(crate) fn all(fits: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::Yes;
        for fit in fits {
            all = all.and(fit);
            if all == Self::No {
                break;
            }
        }
        all
    }

    #[inline]
    pub(crate) fn any(fits: impl IntoIterator<Item = Self>) -> Self {
        let mut any = Self::No;
        for fit in fits {
            any = any.or(fit);
            if any == Self::Yes {
                break;
            }
        }
        any
    }
}

impl From<bool> for Fit {
    #[inline]
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}
