import { Component } from "@angular/core";
import { RouterLink } from "@angular/router";

/** The foot of every page. */
@Component({
  selector: "kb-footer",
  imports: [RouterLink],
  template: `
    <footer class="bottom">
      <div class="wide">
        <div>
          <h2>The shop</h2>
          <ul>
            <li><a routerLink="/c/dog">Dogs</a></li>
            <li><a routerLink="/c/cat">Cats</a></li>
            <li><a routerLink="/c/bundles">Bundles</a></li>
            <li><a routerLink="/search" [queryParams]="{ onSale: true }">On sale</a></li>
          </ul>
        </div>
        <div>
          <h2>You</h2>
          <ul>
            <li><a routerLink="/orders">Your orders</a></li>
            <li><a routerLink="/account">Your account</a></li>
            <li><a routerLink="/register">Open an account</a></li>
          </ul>
        </div>
        <div>
          <h2>Good to know</h2>
          <p class="small quiet">Returns within 30 days. Every price is the price you pay before tax; what shipping costs shows in the cart, not at the end.</p>
        </div>
      </div>
    </footer>
  `,
})
export class Footer {}
