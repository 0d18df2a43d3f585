import { device } from "./device";

describe("a device", () => {
  it("is called by its browser and system", () => {
    expect(device("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe("Firefox on Windows");
    expect(device("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36 Edg/141.0")).toBe("Edge on Android");
    expect(device("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1")).toBe("Safari on iPhone");
  });

  it("that is no browser goes by its own name, or none", () => {
    expect(device("curl/8.14.1")).toBe("curl/8.14.1");
    expect(device("")).toBe("An unknown device");
  });
});
