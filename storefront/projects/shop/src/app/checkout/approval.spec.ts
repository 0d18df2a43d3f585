import { approvalOf, became } from "./approval";

const redirect = (url: string) => ({ status: "REQUIRES_ACTION" as const, nextAction: { type: "redirect", url } });

describe("a payment that needs the customer", () => {
  it("is approved at the provider's address", () => {
    expect(approvalOf([{ status: "FAILED" }, redirect("https://pay.example/1")])).toBe("https://pay.example/1");
    expect(approvalOf([redirect("/api/payments/sandbox/1")])).toBe("/api/payments/sandbox/1");
  });

  it("is never sent to a script or a guessed host", () => {
    expect(approvalOf([redirect("javascript:alert(1)")])).toBeNull();
    expect(approvalOf([redirect("//evil.example")])).toBeNull();
  });

  it("needs nobody once it is decided", () => {
    expect(approvalOf([{ ...redirect("https://pay.example/1"), status: "PAID" }])).toBeNull();
  });

  it("is paid, declined, to be approved, or waits", () => {
    expect(became({ status: "PARTIALLY_REFUNDED" })).toBe("paid");
    expect(became({ status: "FAILED" })).toBe("declined");
    expect(became(redirect("https://pay.example/1"))).toBe("approve");
    expect(became({ status: "REQUIRES_ACTION" })).toBe("waiting");
    expect(became({ status: "PROCESSING" })).toBe("waiting");
  });
});
