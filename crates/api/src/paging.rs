//! Pages of a list.

use crate::Refused;
use crate::parameters::Parameters;

/// A page of things, and how many there are.
pub(crate) struct Page<T> {
    pub items: Vec<T>,
    pub total: usize,
    pub number: usize,
    pub size: usize,
    /// Where the next begins, for clients that ask for it by a token.
    pub next: Option<String>,
}

/// How a list is divided.
pub(crate) struct Paging {
    /// The names of the parameters: number and size.
    pub names: (&'static str, &'static str),
    /// The names of the token and of its size, where the list has tokens.
    pub tokens: Option<(&'static str, &'static str)>,
    /// The size unless another is wanted, and the largest.
    pub sizes: (usize, usize),
}

impl Paging {
    /// The wanted page.
    pub fn page<T>(&self, parameters: &Parameters, all: Vec<T>) -> Result<Page<T>, Refused> {
        let total = all.len();
        let (usual, most) = self.sizes;
        let wrong = |name: &str| Refused::new(400, "InvalidParameter", format!("The specified {name} is not valid."));
        if let Some((token, most_of_token)) = self.tokens
            && (parameters.get(token).is_some() || parameters.get(most_of_token).is_some())
        {
            let begin = parameters.get(token).map_or(Ok(0), |token| token.parse().map_err(|_| wrong("NextToken")))?;
            let size = parameters.number(most_of_token, usual)?.clamp(1, most);
            let items: Vec<_> = all.into_iter().skip(begin).take(size).collect();
            let end = begin.saturating_add(items.len());
            let next = (end < total).then(|| end.to_string());
            return Ok(Page { items, total, number: 1, size, next });
        }
        let (number, size) = (parameters.number(self.names.0, 1)?, parameters.number(self.names.1, usual)?);
        let (number, size) = (number.max(1), size.clamp(1, most));
        let items = all.into_iter().skip((number - 1).saturating_mul(size)).take(size).collect();
        Ok(Page { items, total, number, size, next: None })
    }
}
