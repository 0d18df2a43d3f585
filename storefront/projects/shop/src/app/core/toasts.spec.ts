import { Toasts } from "./toasts";

describe("short messages", () => {
  it("leave when one comes to another page, if they lead to one", () => {
    const toasts = new Toasts();
    toasts.show("It is in your cart.", { link: { text: "View cart", to: "/cart" } });
    toasts.arrive();
    expect(toasts.shown()).toEqual([]);
  });

  it("stay when they lead nowhere, as what went wrong on the page before", () => {
    const toasts = new Toasts();
    toasts.show("You are offline.");
    toasts.arrive();
    expect(toasts.shown().map((toast) => toast.text)).toEqual(["You are offline."]);
  });
});
