/**
 * The places of a deployment's replicas, and the requests that wait for one: first come, first
 * served.
 */
export class Places {
  /** Requests that have a place. */
  taken = 0;
  private readonly waiting = new Set<() => void>();

  /** `all` says how many places there are now. */
  constructor(private readonly all: () => number) {}

  /** Requests that wait for a place. */
  get queued() {
    return this.waiting.size;
  }

  /**
   * Takes a place. `undefined` if there was a free one; otherwise the promise resolves when this
   * request has one. It rejects with the signal's reason once `signal` is aborted, and then the
   * request has none.
   * @param signal Asked for only if the request has to wait.
   */
  take(signal: () => AbortSignal): Promise<void> | undefined {
    if (this.waiting.size === 0 && this.taken < this.all()) {
      this.taken += 1;
      return undefined;
    }
    const gone = signal();
    return new Promise((resolve, reject) => {
      if (gone.aborted) return reject(gone.reason as Error);
      const begin = () => {
        gone.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.waiting.delete(begin);
        reject(gone.reason as Error);
      };
      gone.addEventListener('abort', leave, { once: true });
      this.waiting.add(begin);
    });
  }

  /** Gives a place back. */
  giveBack(): void {
    this.taken -= 1;
    this.fill();
  }

  /** Gives free places to requests that wait. It is called when there may be more of them. */
  fill(): void {
    for (const begin of this.waiting) {
      if (this.taken >= this.all()) return;
      this.waiting.delete(begin);
      this.taken += 1;
      begin();
    }
  }
}
