/** So much later than the first change that asks for it: what ends must end within a second. */
const soonMs = 50;

/**
 * Has what lasts decided again, once for many changes that come together: each review begins anew, and a thousand in
 * a row would never come to the end.
 */
export function reviewSoon(review: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      review();
    }, soonMs).unref();
  };
}
