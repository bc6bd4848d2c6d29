// Calls to the program run side by side; keys must not. This hands them over one after the other.

export type InOrder = (send: () => Promise<void>) => void;

export function inOrder(failed: (reason: unknown) => void): InOrder {
  let last: Promise<void> = Promise.resolve();
  return (send) => {
    last = last.then(send).catch(failed);
  };
}
