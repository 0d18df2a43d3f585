import { formatDate } from "@angular/common";
import { Pipe, PipeTransform } from "@angular/core";

/** A moment in the reader's time: "Mar 2, 14:05", with the year when it is not this one, to the second if asked. */
@Pipe({ name: "when" })
export class WhenPipe implements PipeTransform {
  transform(moment: string | null | undefined, precision?: "seconds"): string {
    if (!moment) return "";
    const year = new Date(moment).getFullYear() === new Date().getFullYear() ? "" : ", y";
    return formatDate(moment, `MMM d${year}, HH:mm${precision ? ":ss" : ""}`, "en-US");
  }
}
