/** The round figure at the top of a scale that holds everything up to `most`: 1, 2, 4, 6, 10, 20, 40, 60, 100 … */
export function scaleTop(most: number): number {
  if (most <= 1) return 1;
  const size = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 4, 6, 10].find((n) => n * size >= most) ?? 10;
  return step * size;
}
