/**
 * Everything under way that closing the emulator has to end. One controller each, not `AbortSignal.any` with
 * one signal that lives as long as the emulator: that one would gather a dependant for every request ever
 * served.
 */
export class Lifetimes {
  private readonly open = new Set<AbortController>();

  begin(): AbortController {
    const controller = new AbortController();
    this.open.add(controller);
    return controller;
  }

  end(controller: AbortController): void {
    this.open.delete(controller);
  }

  /** Aborts all that has begun and not ended. */
  abortAll(): void {
    for (const controller of this.open) controller.abort();
    this.open.clear();
  }
}
