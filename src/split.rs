//! A whole divided among several who bear it: no đồng, no litre and no km is lost or invented.

/// Splits a total in proportion to the weights, by the largest remainder: every part is rounded down, and what
/// is left goes one by one to the largest fractions, of equal ones to the earlier. The parts add up to the total.
/// Weights below zero count as zero; where nobody has a weight, all bear the same. Nobody gets nothing: without
/// weights there are no parts.
pub fn split_by_weight(total: i64, weights: &[i64]) -> Vec<i64> {
    let mut weights: Vec<i128> = weights.iter().map(|weight| i128::from((*weight).max(0))).collect();
    if weights.iter().all(|weight| *weight == 0) {
        weights.fill(1);
    }
    let sum: i128 = weights.iter().sum();
    let total = i128::from(total);
    // Euclidean, so that a negative total is split like a positive one: down, and then one by one.
    let mut parts: Vec<i128> = weights.iter().map(|weight| (total * weight).div_euclid(sum)).collect();
    let mut by_fraction: Vec<usize> = (0..weights.len()).collect();
    // A stable sort keeps the earlier of equal fractions in front.
    by_fraction.sort_by_key(|index| -(total * weights[*index]).rem_euclid(sum));
    let given: i128 = parts.iter().sum();
    let left = usize::try_from(total - given).unwrap_or_default();
    for index in by_fraction.into_iter().take(left) {
        parts[index] += 1;
    }
    // Each part lies between zero and the total, so it fits.
    parts.into_iter().map(|part| i64::try_from(part).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_whatever_the_weights() {
        for (total, weights) in [
            (0, vec![]),
            (7, vec![0, 0, 0]),
            (7, vec![-5, 2]),
            (999_999_999_999_999, vec![i64::MAX, i64::MAX, 1]),
            (-7, vec![1, 1, 1]),
        ] {
            let parts = split_by_weight(total, &weights);
            assert_eq!(parts.len(), weights.len());
            assert_eq!(parts.iter().sum::<i64>(), if weights.is_empty() { 0 } else { total });
        }
        assert_eq!(split_by_weight(7, &[0, 0, 0]), [3, 2, 2]);
    }
}
