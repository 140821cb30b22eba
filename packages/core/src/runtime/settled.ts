/**
 * What a helper returns that had nothing to wait for. A route that returns it on has ended: it costs no deadline, and no turn of its own, as a
 * promise would whose state nobody can ask for.
 */
export const settled: Promise<void> = Promise.resolve()
