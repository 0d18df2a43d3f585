import { HttpClient } from "@angular/common/http";
import { Component, computed, inject, signal } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { MatProgressBar } from "@angular/material/progress-bar";
import { Api, ImportView, Problem } from "@kibble/shared";
import { firstValueFrom } from "rxjs";

const LOOK_MILLISECONDS = 700;

/** Imports a supplier's feed: first dry, to see what would happen, then for real. */
@Component({
  selector: "kba-import",
  imports: [MatButton, MatProgressBar],
  templateUrl: "./import.html",
  styles: `
    .end { display: flex; flex-wrap: wrap; gap: 0.5rem; margin-top: 1rem; align-items: center; }
    p { margin: 0 0 0.75rem; }
    dl { margin-bottom: 1rem; }
  `,
})
export class Import {
  protected readonly file = signal<File | null>(null);
  protected readonly job = signal<ImportView | null>(null);
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly ready = computed(() => {
    const job = this.job();
    return job !== null && job.dryRun && job.status === "COMPLETED" && job.created + job.updated > 0;
  });
  private readonly api = inject(Api);
  private readonly http = inject(HttpClient);

  protected choose(event: Event): void {
    this.file.set((event.target as HTMLInputElement).files?.[0] ?? null);
    this.job.set(null);
    this.problem.set(null);
  }

  protected async run(dryRun: boolean): Promise<void> {
    const file = this.file();
    if (!file) return;
    this.busy.set(true);
    this.problem.set(null);
    this.job.set(null);
    const body = new FormData();
    body.append("file", file);
    try {
      const headers = { "Idempotency-Key": crypto.randomUUID() };
      this.job.set(await firstValueFrom(this.http.post<ImportView>(`/api/products/imports?dryRun=${dryRun}`, body, { headers })));
      await this.follow();
    } catch (thrown) {
      this.problem.set(Problem.of(thrown));
    } finally {
      this.busy.set(false);
    }
  }

  private async follow(): Promise<void> {
    for (let job = this.job(); job && ["QUEUED", "RUNNING"].includes(job.status); job = this.job()) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
      this.job.set(await this.api.get("/api/products/imports/{importId}", { path: { importId: job.id } }));
    }
  }
}
