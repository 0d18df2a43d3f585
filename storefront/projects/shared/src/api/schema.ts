// The types of Kibble's API, made from its document by `make client`. Do not edit.

export interface Accepted {
  readonly message: string;
}

export interface AddPasskey {
  readonly name: string;
  readonly credentialId: string;
  readonly clientData: string;
  readonly authenticatorData: string;
  readonly publicKey: string;
}

export interface Address {
  readonly street: string;
  readonly city: string;
  readonly state: string;
  readonly zipCode: string;
  readonly name?: string | null;
  readonly street2?: string | null;
  readonly country?: string;
}

export interface AddressOf {
  readonly email: string;
}

export interface AddressPatch {
  readonly street?: string;
  readonly city?: string;
  readonly state?: string;
  readonly zipCode?: string;
  readonly name?: string | null;
  readonly street2?: string | null;
  readonly country?: string | null;
}

export interface AddressView {
  readonly waitsFor: readonly (AwaitedView)[];
  readonly notifications: readonly (StatusView)[];
}

export interface Adjust {
  readonly warehouseId: string;
  readonly delta: number;
  readonly reason: string;
}

export interface AllocationView {
  readonly productId: string;
  readonly warehouseId: string;
  readonly quantity: number;
}

export interface Approve {
  readonly itemId: string;
}

export interface AskAutoshipPrices {
  readonly items: readonly (CartItem)[];
}

export interface AskRates {
  readonly address: RateAddress;
  readonly items?: readonly (ItemToShip)[] | null;
  readonly parcels?: readonly (ParcelToShip)[] | null;
}

export interface AskToWait {
  readonly productId: string;
  readonly email: string;
}

export interface AskToken {
  readonly grant_type: "authorization_code" | "client_credentials" | "refresh_token";
  readonly client_id?: string | null;
  readonly client_secret?: string | null;
  readonly scope?: string | null;
  readonly code?: string | null;
  readonly redirect_uri?: string | null;
  readonly code_verifier?: string | null;
  readonly refresh_token?: string | null;
}

export interface Asked {
  readonly message: string;
}

export interface Assertion {
  readonly credentialId: string;
  readonly accountId: string;
  readonly clientData: string;
  readonly authenticatorData: string;
  readonly signature: string;
}

export interface AttemptView {
  readonly at: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly milliseconds: number;
}

export type Audience = "autoship" | "code" | "everyone" | "first_autoship";

export interface AuditView {
  readonly sequence: number;
  readonly act: string;
  readonly at: string;
  readonly actor: string;
  readonly roles: readonly (string)[];
  readonly address: string;
  readonly requestId: string;
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
  readonly status: number;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly hash: string;
}

export interface AuthenticatorView {
  readonly secret: string;
  readonly uri: string;
}

export interface AutoshipPriceView {
  readonly productId: string;
  readonly quantity: number;
  readonly full: number;
  readonly first: number;
  readonly later: number;
  readonly firstPercent?: number | null;
  readonly laterPercent?: number | null;
}

export interface AvailabilityView {
  readonly productId: string;
  readonly quantity: number;
  readonly available: boolean;
  readonly left: number;
  readonly warehouses: readonly (string)[];
}

export interface AwaitedView {
  readonly productId: string;
  readonly productName: string;
  readonly askedAt: string;
}

export interface CartItem {
  readonly productId: string;
  readonly quantity: number;
}

export interface CartLineView {
  readonly productId: string;
  readonly name: string;
  readonly image: string | null;
  readonly quantity: number;
  readonly price: number;
  readonly lineTotal: number;
  readonly problem?: ProblemView | null;
  readonly regularPrice?: number | null;
}

export interface CartView {
  readonly id: string;
  readonly items: readonly (CartLineView)[];
  readonly subtotal: number;
  readonly tax: number;
  readonly shipping: number;
  readonly discount: number;
  readonly total: number;
  readonly currency: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly orderId?: string | null;
  readonly freeShippingFrom?: number | null;
}

export interface CategoryView {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly productCount: number;
  readonly children: readonly (CategoryView)[];
}

export interface ChangePassword {
  readonly current: string;
  readonly password: string;
}

export interface ChangeStaff {
  readonly roles?: readonly ("admin" | "finance" | "merchandiser" | "support" | "warehouse")[] | null;
  readonly disabled?: boolean | null;
  readonly newPassword?: boolean;
}

export interface ChangeSubscription {
  readonly items?: readonly (SubscribedItem)[];
  readonly nextDate?: string;
  readonly timeZone?: string;
  readonly shippingAddress?: Address | null;
  readonly shippingMethod?: string | null;
  readonly paymentMethod?: "CreditCard" | "PayPal";
  readonly paymentToken?: string | null;
  readonly name?: string | null;
}

export interface ChangeWebhook {
  readonly url?: string;
  readonly events?: readonly (string)[];
  readonly fields?: Fields;
  readonly description?: string;
  readonly contact?: string | null;
  readonly enabled?: boolean;
}

export interface ChangedProduct {
  readonly name?: string;
  readonly price?: number;
  readonly category?: string;
  readonly description?: string | null;
  readonly sku?: string;
  readonly tags?: readonly (string)[] | null;
  readonly attributes?: Readonly<Record<string, string | boolean | number | null>> | null;
  readonly images?: readonly (string)[] | null;
}

export interface ChangedWarehouse {
  readonly name: string;
  readonly address: Address;
  readonly priority?: number;
}

export type Channel = "email" | "in_app" | "sms";

export interface CheckAvailability {
  readonly items: readonly (DemandedItem)[];
}

export interface Checkout {
  readonly shippingAddress: Address;
  readonly paymentMethod: "CreditCard" | "PayPal";
  readonly paymentToken?: string | null;
  readonly shippingMethod?: string | null;
  readonly promotionCode?: string | null;
  readonly email?: string | null;
}

export interface ClientView {
  readonly id: string;
  readonly name: string;
  readonly redirectUris: readonly (string)[];
  readonly scopes: readonly (string)[];
  readonly grants: readonly (string)[];
  readonly confidential: boolean;
  readonly firstParty: boolean;
  readonly createdAt: string;
  readonly secret?: string | null;
}

export interface CommandToken {
  readonly token: string;
}

export interface ComponentView {
  readonly productId: string;
  readonly quantity: number;
}

export interface ConfirmCode {
  readonly code: string;
}

export interface ConfirmWaiting {
  readonly token: string;
}

export interface CountView {
  readonly value: string;
  readonly count: number;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly code?: string | null;
  readonly passkey?: Assertion | null;
}

export interface CustomerView {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly address: Address | null;
  readonly phone: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly name: string | null;
  readonly addresses: readonly (Address)[];
  readonly preferences: PreferencesBody;
  readonly pets: readonly (PetBody)[];
  readonly emailVerified: boolean;
  readonly pendingEmail: string | null;
}

export interface DeliveryDetail {
  readonly delivery: DeliveryView;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly attempts: readonly (AttemptView)[];
}

export type DeliveryStatus = "DELIVERED" | "FAILED" | "PENDING";

export interface DeliveryView {
  readonly id: string;
  readonly eventId: string;
  readonly type: string;
  readonly subject: string;
  readonly status: DeliveryStatus;
  readonly tries: number;
  readonly createdAt: string;
  readonly dueAt: string | null;
  readonly lastAttempt: AttemptView | null;
}

export interface DemandedItem {
  readonly productId: string;
  readonly quantity: number;
}

export interface DigestBody {
  readonly at: string;
  readonly timeZone: string;
}

export type DisputeStatus = "LOST" | "OPEN" | "WON";

export interface DisputeView {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: DisputeStatus;
  readonly openedAt: string;
  readonly withdrawn?: number | null;
  readonly fee?: number | null;
  readonly reasonCode?: string | null;
  readonly respondBy?: string | null;
}

export interface EditCustomer {
  readonly name?: string | null;
  readonly address?: Address | null;
  readonly addresses?: readonly (Address)[];
  readonly phone?: string | null;
  readonly preferences?: PreferencesBody;
  readonly pets?: readonly (PetBody)[];
  readonly username: string;
  readonly email: string;
}

export interface EmailVerification {
  readonly email?: string | null;
  readonly token?: string | null;
}

export interface EntryView {
  readonly type: string;
  readonly at: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface ErasedPartView {
  readonly service: string;
  readonly held: Readonly<Record<string, number>> | null;
  readonly erasedAt: string | null;
}

export interface ErasureView {
  readonly customerId: string;
  readonly requestedAt: string;
  readonly completedAt: string | null;
  readonly services: readonly (ErasedPartView)[];
}

export interface EstimateView {
  readonly subtotal: number;
  readonly discount: number;
  readonly shipping: number;
  readonly tax: number;
  readonly total: number;
  readonly promotionCode?: string | null;
}

export interface EventView {
  readonly type: string;
  readonly about: string;
}

export interface ExportView {
  readonly exportedAt: string;
  readonly customer: ExportedCustomer;
  readonly sessions: readonly (ExportedSession)[];
  readonly secondFactors: readonly (ExportedFactor)[];
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface ExportedCustomer {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly address: Address | null;
  readonly phone: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly name: string | null;
  readonly addresses: readonly (Address)[];
  readonly preferences: PreferencesBody;
  readonly pets: readonly (PetBody)[];
  readonly emailVerified: boolean;
  readonly pendingEmail: string | null;
  readonly phoneE164: string | null;
  readonly emailVerifiedAt: string | null;
}

export interface ExportedFactor {
  readonly name: string;
  readonly since: string | null;
}

export interface ExportedSession {
  readonly id: string;
  readonly agent: string;
  readonly createdAt: string;
  readonly renewedAt: string;
}

export interface FacetsView {
  readonly categories: readonly (CountView)[];
  readonly brands: readonly (CountView)[];
  readonly prices: readonly (PriceBandView)[];
  readonly popularity: readonly (CountView)[];
  readonly attributes: Readonly<Record<string, readonly (CountView)[]>>;
}

export interface FactorsView {
  readonly totpSince: string | null;
  readonly recoveryCodesLeft: number;
  readonly passkeys: readonly (PasskeyView)[];
}

export type Fields = "details" | "ids" | "personal";

export interface HireStaff {
  readonly username: string;
  readonly roles: readonly ("admin" | "finance" | "merchandiser" | "support" | "warehouse")[];
  readonly name?: string | null;
  readonly password?: string | null;
}

export type HoldState = "DEDUCTED" | "EXPIRED" | "HELD" | "RELEASED";

export interface ImageView {
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly renditions: Readonly<Record<string, string>>;
}

export type ImportStatus = "COMPLETED" | "FAILED" | "QUEUED" | "RUNNING";

export interface ImportView {
  readonly id: string;
  readonly name: string;
  readonly status: ImportStatus;
  readonly sizeBytes: number;
  readonly rowsRead: number;
  readonly applied: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly errors: readonly (RowErrorView)[];
  readonly errorsUrl: string;
  readonly ignoredColumns: readonly (string)[];
  readonly reason: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly dryRun: boolean;
}

export interface Interval {
  readonly every: number;
  readonly unit: Unit;
}

export interface IntrospectionView {
  readonly active: boolean;
  readonly token_type?: string | null;
  readonly client_id?: string | null;
  readonly sub?: string | null;
  readonly scope?: string | null;
  readonly exp?: number | null;
  readonly iat?: number | null;
  readonly nbf?: number | null;
  readonly iss?: string | null;
  readonly aud?: string | null;
  readonly jti?: string | null;
}

export interface ItemToShip {
  readonly productId: string;
  readonly quantity: number;
}

export interface ItemView {
  readonly id: string;
  readonly productId: string;
  readonly quantity: number;
  readonly price: number;
  readonly name: string;
}

export interface LagView {
  readonly feed: string;
  readonly seconds: number;
}

export interface LagsView {
  readonly feeds: readonly (LagView)[];
}

export interface LeastPrice {
  readonly id: string;
  readonly price: number;
  readonly sale: SaleShown | null;
}

export interface LevelSet {
  readonly productId: string;
  readonly stockLevel: number;
  readonly warehouseId: string;
  readonly updatedAt: string;
}

export interface LevelView {
  readonly warehouseId: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}

export interface MarkRead {
  readonly read: boolean;
}

export interface MergeCart {
  readonly cartId: string;
}

export interface MovementView {
  readonly warehouseId: string;
  readonly delta: number;
  readonly reason: string;
  readonly reference: string | null;
  readonly createdAt: string;
}

export interface NewBundle {
  readonly name: string;
  readonly category: string;
  readonly components: readonly (NewComponent)[];
  readonly price?: number | null;
  readonly percentOff?: number | null;
  readonly amountOff?: number | null;
  readonly description?: string;
  readonly sku?: string | null;
  readonly tags?: readonly (string)[];
  readonly attributes?: Readonly<Record<string, string | boolean | number>>;
  readonly images?: readonly (string)[];
}

export interface NewCategory {
  readonly name: string;
  readonly parentId?: string | null;
}

export interface NewComponent {
  readonly productId: string;
  readonly quantity?: number;
}

export interface NewConfigurable {
  readonly name: string;
  readonly price: number;
  readonly category: string;
  readonly description?: string;
  readonly sku?: string | null;
  readonly tags?: readonly (string)[];
  readonly attributes?: Readonly<Record<string, string | boolean | number>>;
  readonly images?: readonly (string)[];
  readonly options: readonly (NewOption)[];
  readonly priceRules?: readonly (NewPriceRule)[];
  readonly exclude?: readonly (Readonly<Record<string, string>>)[];
  readonly variants?: readonly (NewVariant)[];
}

export interface NewNote {
  readonly text: string;
}

export interface NewOption {
  readonly name: string;
  readonly values: readonly (string)[];
}

export interface NewPasskeyView {
  readonly challenge: string;
  readonly rpId: string;
  readonly rpName: string;
  readonly accountId: string;
  readonly username: string;
  readonly name: string;
  readonly known: readonly (string)[];
}

export interface NewPriceRule {
  readonly when: Readonly<Record<string, string>>;
  readonly surcharge?: number | null;
  readonly price?: number | null;
}

export interface NewProduct {
  readonly name: string;
  readonly price: number;
  readonly category: string;
  readonly description?: string;
  readonly sku?: string | null;
  readonly tags?: readonly (string)[];
  readonly attributes?: Readonly<Record<string, string | boolean | number>>;
  readonly images?: readonly (string)[];
}

export interface NewPromotion {
  readonly code: string;
  readonly kind: PromotionKind;
  readonly description: string;
  readonly startsAt?: string | null;
  readonly endsAt?: string | null;
  readonly percent?: number | null;
  readonly amount?: number | null;
  readonly minimum?: number | null;
  readonly buyProductId?: string | null;
  readonly buyQuantity?: number;
  readonly getProductId?: string | null;
  readonly getQuantity?: number;
  readonly maxUses?: number | null;
  readonly maxUsesPerCustomer?: number | null;
  readonly audience?: Audience;
}

export interface NewReview {
  readonly rating: number;
  readonly title?: string;
  readonly text?: string;
}

export interface NewSale {
  readonly price: number;
  readonly startsAt?: string | null;
  readonly endsAt?: string | null;
}

export interface NewSecret {
  readonly overlapHours?: number;
}

export interface NewShipment {
  readonly orderId: string;
  readonly items?: readonly (ItemToShip)[] | null;
  readonly parcels?: readonly (ParcelToShip)[] | null;
  readonly address?: Address | null;
  readonly method?: string | null;
}

export interface NewVariant {
  readonly options: Readonly<Record<string, string>>;
  readonly sku: string;
}

export interface NewView {
  readonly productId: string;
}

export interface NewWarehouse {
  readonly code: string;
  readonly name: string;
  readonly address: Address;
  readonly priority?: number;
}

export interface NewWebhook {
  readonly url: string;
  readonly events: readonly (string)[];
  readonly fields?: Fields;
  readonly description?: string;
  readonly contact?: string | null;
}

export interface NextActionView {
  readonly type: string;
  readonly url: string;
}

export type NotificationStatus = "FAILED" | "PENDING" | "SENT" | "SUPPRESSED";

export interface NotificationView {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly body: string;
  readonly read: boolean;
  readonly createdAt: string;
  readonly link: string | null;
}

export interface NotifiedView {
  readonly id: string;
  readonly messages: readonly (StatusView)[];
}

export interface Notify {
  readonly customerId: string;
  readonly type: "account_exists" | "back_in_stock" | "email_changing" | "factors_changed" | "order_cancelled" | "order_confirmed" | "order_delivered" | "order_refunded" | "order_returned" | "order_shipped" | "password_changed" | "payment_failed" | "price_drop" | "promotion" | "session_ended" | "subscription_cancelled" | "subscription_delayed" | "subscription_paused" | "subscription_payment_failed" | "subscription_price" | "subscription_reminder" | "webhook_disabled" | "welcome";
  readonly channel?: Channel | null;
  readonly data?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface OAuthProblem {
  readonly error: string;
  readonly error_description: string;
}

export interface OfferView {
  readonly kind: string;
  readonly description: string;
  readonly audience: string;
  readonly minimum: number;
  readonly percent?: number | null;
  readonly amount?: number | null;
}

export interface OpenCart {
  readonly items?: readonly (CartItem)[];
}

export interface OperatingView {
  readonly version: string;
  readonly profile: string;
  readonly settings: readonly (SettingView)[];
}

export interface OrderParcelView {
  readonly trackingNumber: string;
  readonly carrier: string;
  readonly status: string;
}

export type OrderPaymentStatus = "FAILED" | "PAID" | "PARTIALLY_REFUNDED" | "PENDING" | "PROCESSING" | "REFUNDED" | "REQUIRES_ACTION";

export type OrderStatus = "CANCELLED" | "CONFIRMED" | "DELIVERED" | "PENDING" | "REFUNDED" | "RETURNED" | "SHIPPED";

export interface OrderView {
  readonly id: string;
  readonly userId: string | null;
  readonly totalAmount: number;
  readonly discount: number;
  readonly shippingCost: number;
  readonly tax: number;
  readonly amountDue: number;
  readonly currency: string;
  readonly status: OrderStatus;
  readonly paymentStatus: OrderPaymentStatus;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly items: readonly (ItemView)[];
  readonly shippingAddress: Readonly<Record<string, string>>;
  readonly shippingMethod: string;
  readonly paymentMethod: string;
  readonly refundedAmount: number;
  readonly parcels: readonly (OrderParcelView)[];
  readonly holdExpiresAt?: string | null;
  readonly promotionCode?: string | null;
  readonly email?: string | null;
  readonly accessToken?: string | null;
  readonly subscriptionId?: string | null;
}

export interface OrderedItem {
  readonly productId: string;
  readonly quantity: number;
  readonly price: number;
}

export interface PackedItem {
  readonly productId: string;
  readonly quantity: number;
}

export interface PackingView {
  readonly shipmentId: string;
  readonly orderId: string;
  readonly stage: string;
  readonly carrier: string;
  readonly method: string;
  readonly hasLabel: boolean;
  readonly name: string | null;
  readonly city: string;
  readonly state: string;
  readonly zipCode: string;
  readonly parcels: readonly (ShippingParcelView)[];
  readonly createdAt: string;
}

export interface ParcelToShip {
  readonly weightGrams: number;
}

export interface ParkedView {
  readonly consumer: string;
  readonly topic: string;
  readonly type: string;
  readonly key: string;
  readonly eventId: string;
  readonly status: string;
  readonly attempts: number;
  readonly error: string;
  readonly parkedAt: string;
  readonly event: unknown;
}

export interface PasskeyAddedView {
  readonly passkey: PasskeyView;
  readonly recoveryCodes: readonly (string)[];
}

export interface PasskeyChallenge {
  readonly challenge: string;
  readonly rpId: string;
}

export interface PasskeyView {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly usedAt: string | null;
}

export interface PasswordReset {
  readonly email?: string | null;
  readonly token?: string | null;
  readonly password?: string | null;
}

export interface PatchCustomer {
  readonly username?: string;
  readonly email?: string;
  readonly name?: string | null;
  readonly address?: AddressPatch | null;
  readonly addresses?: readonly (Address)[] | null;
  readonly phone?: string | null;
  readonly preferences?: PreferencesPatch | null;
  readonly pets?: readonly (PetBody)[] | null;
}

export interface Pause {
  readonly until?: string | null;
}

export interface Pay {
  readonly orderId: string;
  readonly paymentMethod: PaymentMethod;
  readonly paymentToken?: string | null;
}

export type PaymentMethod = "CreditCard" | "PayPal";

export interface PaymentOptionView {
  readonly paymentMethod: PaymentMethod;
  readonly provider: string;
}

export type PaymentPaymentStatus = "FAILED" | "PAID" | "PARTIALLY_REFUNDED" | "PENDING" | "PROCESSING" | "REFUNDED" | "REQUIRES_ACTION";

export interface PaymentView {
  readonly id: string;
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: PaymentPaymentStatus;
  readonly paymentMethod: string;
  readonly refundedAmount: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly refunds: readonly (RefundView)[];
  readonly disputes: readonly (DisputeView)[];
  readonly nextAction?: NextActionView | null;
  readonly declineCode?: string | null;
  readonly message?: string | null;
}

export interface PetBody {
  readonly name: string;
  readonly species: string;
  readonly breed?: string | null;
  readonly birthday?: string | null;
  readonly weightGrams?: number | null;
  readonly allergies?: readonly (string)[];
}

export type Phase = "PLACED" | "REMINDED" | "RETRYING" | "SCHEDULED" | "SET_ASIDE";

export interface PlaceOrder {
  readonly userId: string;
  readonly items: readonly (OrderedItem)[];
  readonly totalAmount: number;
  readonly shippingAddress: Address;
  readonly paymentMethod: "CreditCard" | "PayPal";
  readonly paymentToken?: string | null;
  readonly shippingMethod?: string | null;
  readonly promotionCode?: string | null;
}

export interface PreferencesBody {
  readonly emailNotifications?: boolean;
  readonly smsNotifications?: boolean;
  readonly language?: "en" | "es" | null;
}

export interface PreferencesPatch {
  readonly emailNotifications?: boolean | null;
  readonly smsNotifications?: boolean | null;
  readonly language?: "en" | "es" | null;
}

export interface PreferencesView {
  readonly customerId: string;
  readonly channels: Readonly<Record<string, boolean>>;
  readonly types: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
  readonly quietHours: QuietHoursBody | null;
  readonly digest: DigestBody | null;
  readonly updatedAt: string | null;
}

export interface PriceBandView {
  readonly value: string;
  readonly count: number;
  readonly min: number;
  readonly max?: number | null;
}

export interface ProblemView {
  readonly code: string;
  readonly detail: string;
  readonly available?: number | null;
}

export interface ProductEntry {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly price: number;
  readonly category: string;
  readonly tags: readonly (string)[];
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly stock: number;
  readonly images: readonly (string)[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly sku: string;
  readonly kind: string;
  readonly rating: number;
  readonly reviewCount: number;
  readonly sale?: SaleShown | null;
  readonly from?: LeastPrice | null;
}

export interface ProductOptionView {
  readonly name: string;
  readonly values: readonly (string)[];
}

export interface ProductPage {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly price: number;
  readonly category: string;
  readonly tags: readonly (string)[];
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly stock: number;
  readonly images: readonly (string)[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly sku: string;
  readonly kind: string;
  readonly rating: number;
  readonly reviewCount: number;
  readonly sale?: SaleShown | null;
  readonly from?: LeastPrice | null;
  readonly parentId?: string | null;
  readonly options?: readonly (ProductOptionView)[];
  readonly variants?: readonly (VariantView)[];
  readonly components?: readonly (ComponentView)[];
}

export type ProductSuggestionKind = "brand" | "category" | "product";

export interface ProductSuggestionView {
  readonly kind: ProductSuggestionKind;
  readonly text: string;
  readonly productId?: string | null;
  readonly count?: number | null;
}

export type PromotionKind = "amount" | "buy_x_get_y" | "free_shipping" | "percent";

export interface PromotionView {
  readonly code: string;
  readonly kind: string;
  readonly description: string;
  readonly startsAt: string;
  readonly uses: number;
  readonly minimum: number;
  readonly endsAt?: string | null;
  readonly percent?: number | null;
  readonly amount?: number | null;
  readonly buyProductId?: string | null;
  readonly buyQuantity?: number | null;
  readonly getProductId?: string | null;
  readonly getQuantity?: number | null;
  readonly maxUses?: number | null;
  readonly maxUsesPerCustomer?: number | null;
  readonly audience?: string;
}

export interface PutItem {
  readonly quantity: number;
}

export interface QuietHoursBody {
  readonly start: string;
  readonly end: string;
  readonly timeZone: string;
}

export interface RateAddress {
  readonly zipCode: string;
  readonly street?: string | null;
  readonly street2?: string | null;
  readonly city?: string | null;
  readonly state?: string | null;
  readonly name?: string | null;
  readonly country?: string;
}

export interface RateView {
  readonly method: string;
  readonly carrier: string;
  readonly name: string;
  readonly cost: number;
  readonly currency: string;
  readonly estimatedDelivery: string;
  readonly tableOf?: string | null;
}

export interface Reason {
  readonly reason?: string | null;
}

export interface ReasonView {
  readonly code: string;
  readonly text: string;
}

export type RecommendationSuggestionKind = "buy_again" | "discover";

export interface RecommendationSuggestionView {
  readonly productId: string;
  readonly name: string;
  readonly price: number;
  readonly image: string | null;
  readonly category: string;
  readonly score: number;
  readonly reason: ReasonView;
  readonly regularPrice?: number | null;
}

export interface RecoveryCodesView {
  readonly recoveryCodes: readonly (string)[];
}

export interface RefundRequest {
  readonly amount?: number | null;
  readonly reason?: string | null;
}

export type RefundStatus = "FAILED" | "PENDING" | "SUCCEEDED";

export interface RefundView {
  readonly id: string;
  readonly paymentId: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: RefundStatus;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly reason?: string | null;
  readonly failureCode?: string | null;
}

export interface Register {
  readonly name?: string | null;
  readonly address?: Address | null;
  readonly addresses?: readonly (Address)[];
  readonly phone?: string | null;
  readonly preferences?: PreferencesBody;
  readonly pets?: readonly (PetBody)[];
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

export interface RegisterClient {
  readonly name: string;
  readonly scopes: readonly (string)[];
  readonly redirectUris?: readonly (string)[];
  readonly confidential?: boolean;
  readonly firstParty?: boolean;
}

export interface RenamePasskey {
  readonly name: string;
}

export interface ReplayRange {
  readonly since: string;
  readonly before?: string | null;
  readonly status?: DeliveryStatus;
  readonly after?: string | null;
}

export interface ReplayView {
  readonly consumer: string;
  readonly eventId: string;
}

export interface ReplayedView {
  readonly replayed: number;
  readonly next: string | null;
}

export interface ReservationView {
  readonly orderId: string;
  readonly status: HoldState;
  readonly expiresAt: string;
  readonly items: readonly (AllocationView)[];
}

export interface Reserve {
  readonly orderId: string;
  readonly items: readonly (DemandedItem)[];
  readonly expiresAt?: string | null;
}

export interface Resume {
  readonly nextDate?: string | null;
}

export interface ReviewView {
  readonly id: string;
  readonly productId: string;
  readonly rating: number;
  readonly title: string;
  readonly text: string;
  readonly verifiedBuyer: boolean;
  readonly createdAt: string;
}

export interface RowErrorView {
  readonly row: number;
  readonly pointer: string;
  readonly message: string;
  readonly sku?: string;
}

export interface SaleShown {
  readonly regularPrice: number;
  readonly lowestPrice: number;
  readonly endsAt: string | null;
}

export interface SaleView {
  readonly productId: string;
  readonly price: number;
  readonly regularPrice: number;
  readonly startsAt: string;
  readonly endsAt: string | null;
  readonly isOn: boolean;
  readonly lowestPrice: number | null;
}

export interface SalesView {
  readonly since: string;
  readonly before: string;
  readonly stepSeconds: number;
  readonly currency: string;
  readonly total: SlotView;
  readonly averageBasket: number;
  readonly shipped: number;
  readonly delivered: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly waiting: WaitingOrdersView;
  readonly slots: readonly (SlotView)[];
}

export interface SaveMethod {
  readonly userId: string;
  readonly paymentMethod: PaymentMethod;
}

export interface SavedMethodView {
  readonly id: string;
  readonly paymentMethod: string;
  readonly status: SavedStatus;
  readonly isDefault: boolean;
  readonly createdAt: string;
  readonly brand?: string | null;
  readonly last4?: string | null;
  readonly expires?: string | null;
  readonly nextAction?: NextActionView | null;
}

export type SavedStatus = "PENDING" | "READY" | "REMOVED";

export interface ScanView {
  readonly at: string;
  readonly status: ShippingStatus;
  readonly text: string;
  readonly place: string | null;
}

export interface Session {
  readonly signedIn: boolean;
  readonly customerId?: string | null;
  readonly accountId?: string | null;
  readonly username?: string | null;
  readonly name?: string | null;
  readonly roles?: readonly (string)[];
  readonly scopes?: readonly (string)[];
  readonly secondFactor?: boolean;
  readonly mustChangePassword?: boolean;
}

export interface SessionView {
  readonly id: string;
  readonly clientId: string;
  readonly agent: string;
  readonly createdAt: string;
  readonly usedAt: string;
  readonly endsAt: string;
  readonly secondFactor: boolean;
  readonly current: boolean;
}

export interface SetLevel {
  readonly stockLevel: number;
  readonly warehouseId: string;
}

export interface SetPreferences {
  readonly channels?: SwitchesBody;
  readonly types?: Readonly<Record<string, SwitchesBody>>;
  readonly quietHours?: QuietHoursBody | null;
  readonly digest?: DigestBody | null;
}

export interface SetStage {
  readonly stage: Stage;
}

export interface SetStatus {
  readonly status: string;
}

export interface SettingView {
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
}

export interface ShipmentView {
  readonly id: string;
  readonly orderId: string;
  readonly warehouseId: string | null;
  readonly method: string;
  readonly carrier: string;
  readonly trackingNumber: string | null;
  readonly status: ShippingStatus;
  readonly estimatedDelivery: string;
  readonly parcels: readonly (ShippingParcelView)[];
  readonly history: readonly (ScanView)[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface ShippingParcelView {
  readonly weightGrams: number;
  readonly items: readonly (PackedItem)[];
  readonly box: string | null;
  readonly sizeMm: readonly (number)[] | null;
  readonly handling: string;
}

export type ShippingStatus = "DELIVERED" | "EXCEPTION" | "IN_TRANSIT" | "LABELLED" | "OUT_FOR_DELIVERY" | "REQUESTED" | "VOIDED";

export interface ShortageView {
  readonly productId: string;
  readonly sku: string;
  readonly name: string;
  readonly available: number;
}

export interface ShowToken {
  readonly token: string;
  readonly client_id?: string | null;
  readonly client_secret?: string | null;
}

export interface SkipNext {
  readonly itemId?: string | null;
}

export interface SlotView {
  readonly start: string;
  readonly orders: number;
  readonly paid: number;
  readonly cancelled: number;
  readonly paymentsFailed: number;
  readonly revenue: number;
  readonly refunded: number;
}

export type Sort = "-price" | "name" | "newest" | "popularity" | "price" | "rating" | "relevance";

export interface StaffView {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly roles: readonly (string)[];
  readonly disabled: boolean;
  readonly mustChangePassword: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly password?: string | null;
}

export type Stage = "PACKED" | "PICKED" | "TO_PICK";

export interface StartSubscription {
  readonly userId: string;
  readonly items: readonly (SubscribedItem)[];
  readonly paymentMethod: "CreditCard" | "PayPal";
  readonly paymentToken?: string | null;
  readonly interval?: Interval | null;
  readonly nextDate?: string | null;
  readonly timeZone?: string | null;
  readonly shippingAddress?: Address | null;
  readonly shippingMethod?: string | null;
  readonly name?: string | null;
}

export interface StatusView {
  readonly id: string;
  readonly type: string;
  readonly customerId: string | null;
  readonly channel: Channel;
  readonly status: NotificationStatus;
  readonly attempts: number;
  readonly reason: string | null;
  readonly title: string;
  readonly createdAt: string;
  readonly dueAt: string;
  readonly sentAt: string | null;
}

export interface StockView {
  readonly productId: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
  readonly warehouses: readonly (LevelView)[];
}

export interface SubscribedItem {
  readonly productId: string;
  readonly quantity?: number;
  readonly interval?: Interval | null;
  readonly once?: boolean;
  readonly nextDate?: string | null;
  readonly priceCap?: number | null;
  readonly id?: string | null;
}

export interface SubscribedItemView {
  readonly id: string;
  readonly productId: string;
  readonly quantity: number;
  readonly nextDate: string;
  readonly agreedPrice: number;
  readonly priceCap: number;
  readonly name?: string | null;
  readonly image?: string | null;
  readonly price?: number | null;
  readonly interval?: Interval | null;
  readonly once?: boolean;
  readonly waiting?: WaitingView | null;
  readonly total?: number | null;
  readonly fullTotal?: number | null;
}

export type SubscriptionStatus = "ACTIVE" | "CANCELLED" | "ENDED" | "PAUSED";

export interface SubscriptionView {
  readonly id: string;
  readonly userId: string | null;
  readonly status: SubscriptionStatus;
  readonly phase: Phase;
  readonly items: readonly (SubscribedItemView)[];
  readonly currency: string;
  readonly timeZone: string;
  readonly paymentMethod: string;
  readonly hasPaymentToken: boolean;
  readonly ordersPaid: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly name?: string | null;
  readonly reason?: string | null;
  readonly nextDate?: string | null;
  readonly nextOrderAt?: string | null;
  readonly changeUntil?: string | null;
  readonly retryAt?: string | null;
  readonly failures?: number;
  readonly resumesOn?: string | null;
  readonly orderId?: string | null;
  readonly lastOrderId?: string | null;
  readonly shippingAddress?: Readonly<Record<string, string>> | null;
  readonly shippingMethod?: string | null;
  readonly estimate?: EstimateView | null;
}

export interface Swap {
  readonly itemId: string;
  readonly productId: string;
  readonly quantity?: number | null;
}

export interface SwitchesBody {
  readonly email?: boolean | null;
  readonly sms?: boolean | null;
  readonly inApp?: boolean | null;
}

export interface TokenView {
  readonly access_token: string;
  readonly scope: string;
  readonly token_type?: "Bearer";
  readonly expires_in?: number;
  readonly refresh_token?: string | null;
  readonly id_token?: string | null;
}

export interface TrackingView {
  readonly trackingNumber: string;
  readonly carrier: string;
  readonly status: ShippingStatus;
  readonly estimatedDelivery: string;
  readonly history: readonly (ScanView)[];
}

export type Unit = "day" | "month" | "week";

export interface VariantView {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
  readonly price: number;
  readonly stock: number;
  readonly images: readonly (string)[];
  readonly sale?: SaleShown | null;
}

export interface VerificationView {
  readonly holds: boolean;
  readonly entries: number;
  readonly lastHash: string;
  readonly problem: string | null;
}

export interface ViewRecorded {
  readonly productId: string;
  readonly viewedAt: string;
}

export interface WaitingOrdersView {
  readonly unpaid: number;
  readonly toShip: number;
  readonly overdue: number;
}

export interface WaitingView {
  readonly reason: string;
  readonly price?: number | null;
}

export interface WarehouseView {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly address: Address;
  readonly priority: number;
}

export interface WebhookView {
  readonly id: string;
  readonly url: string;
  readonly events: readonly (string)[];
  readonly fields: Fields;
  readonly description: string;
  readonly contact: string | null;
  readonly enabled: boolean;
  readonly disabledReason: string | null;
  readonly failingSince: string | null;
  readonly secretsActive: number;
  readonly createdAt: string;
  readonly secret?: string;
}

/** What GET takes and answers, by path. */
export interface GetPaths {
  "/.well-known/oauth-authorization-server": { path: undefined; query: undefined; body: undefined; answer: Readonly<Record<string, unknown>> };
  "/.well-known/openid-configuration": { path: undefined; query: undefined; body: undefined; answer: Readonly<Record<string, unknown>> };
  "/api/audit": { path: undefined; query: { readonly actor?: string; readonly action?: string; readonly target?: string; readonly since?: string; readonly until?: string; readonly limit?: number; readonly cursor?: string; }; body: undefined; answer: readonly (AuditView)[] };
  "/api/audit/verification": { path: undefined; query: undefined; body: undefined; answer: VerificationView };
  "/api/carts": { path: undefined; query: undefined; body: undefined; answer: readonly (CartView)[] };
  "/api/carts/{cartId}": { path: { readonly cartId: string; }; query: { readonly promotionCode?: string; readonly shippingMethod?: string; readonly state?: string; readonly zipCode?: string; }; body: undefined; answer: CartView };
  "/api/categories": { path: undefined; query: undefined; body: undefined; answer: readonly (CategoryView)[] };
  "/api/categories/{categoryId}": { path: { readonly categoryId: string; }; query: undefined; body: undefined; answer: CategoryView };
  "/api/clients": { path: undefined; query: undefined; body: undefined; answer: readonly (ClientView)[] };
  "/api/customers": { path: undefined; query: { readonly q?: string; readonly limit?: number; readonly cursor?: string; }; body: undefined; answer: readonly (CustomerView)[] };
  "/api/customers/erasures": { path: undefined; query: { readonly limit?: number; }; body: undefined; answer: readonly (ErasureView)[] };
  "/api/customers/{customerId}": { path: { readonly customerId: string; }; query: undefined; body: undefined; answer: CustomerView };
  "/api/customers/{customerId}/erasure": { path: { readonly customerId: string; }; query: undefined; body: undefined; answer: ErasureView };
  "/api/customers/{customerId}/export": { path: { readonly customerId: string; }; query: undefined; body: undefined; answer: ExportView };
  "/api/customers/{customerId}/export.csv": { path: { readonly customerId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/customers/{customerId}/factors": { path: { readonly customerId: string; }; query: undefined; body: undefined; answer: FactorsView };
  "/api/customers/{customerId}/sessions": { path: { readonly customerId: string; }; query: undefined; body: undefined; answer: readonly (SessionView)[] };
  "/api/events/lag": { path: undefined; query: undefined; body: undefined; answer: LagsView };
  "/api/events/parked": { path: undefined; query: undefined; body: undefined; answer: readonly (ParkedView)[] };
  "/api/inventory/warehouses": { path: undefined; query: undefined; body: undefined; answer: readonly (WarehouseView)[] };
  "/api/inventory/warehouses/{warehouseId}": { path: { readonly warehouseId: string; }; query: undefined; body: undefined; answer: WarehouseView };
  "/api/inventory/{productId}": { path: { readonly productId: string; }; query: undefined; body: undefined; answer: StockView };
  "/api/inventory/{productId}/movements": { path: { readonly productId: string; }; query: { readonly limit?: number; readonly cursor?: string; }; body: undefined; answer: readonly (MovementView)[] };
  "/api/notifications": { path: undefined; query: { readonly customerId?: string; readonly unread?: boolean; readonly limit?: number; readonly cursor?: string; }; body: undefined; answer: readonly (NotificationView)[] };
  "/api/notifications/back-in-stock": { path: undefined; query: undefined; body: undefined; answer: readonly (AwaitedView)[] };
  "/api/notifications/orders/{orderId}": { path: { readonly orderId: string; }; query: undefined; body: undefined; answer: readonly (StatusView)[] };
  "/api/notifications/preferences/{customerId}": { path: { readonly customerId: string; }; query: undefined; body: undefined; answer: PreferencesView };
  "/api/notifications/stream": { path: undefined; query: undefined; body: undefined; answer: undefined };
  "/api/notifications/{notificationId}": { path: { readonly notificationId: string; }; query: undefined; body: undefined; answer: StatusView };
  "/api/orders": { path: undefined; query: { readonly userId?: string; readonly status?: OrderStatus; readonly paymentStatus?: OrderPaymentStatus; readonly q?: string; readonly since?: string; readonly before?: string; readonly updatedSince?: string; readonly amountMin?: number; readonly amountMax?: number; readonly limit?: number; readonly cursor?: string; }; body: undefined; answer: readonly (OrderView)[] };
  "/api/orders/sales": { path: undefined; query: { readonly since?: string; readonly before?: string; }; body: undefined; answer: SalesView };
  "/api/orders/{orderId}": { path: { readonly orderId: string; }; query: undefined; body: undefined; answer: OrderView };
  "/api/orders/{orderId}/events": { path: { readonly orderId: string; }; query: undefined; body: undefined; answer: readonly (EntryView)[] };
  "/api/payments": { path: undefined; query: { readonly orderId: string; }; body: undefined; answer: readonly (PaymentView)[] };
  "/api/payments/methods": { path: undefined; query: { readonly userId: string; }; body: undefined; answer: readonly (SavedMethodView)[] };
  "/api/payments/methods/{methodId}": { path: { readonly methodId: string; }; query: undefined; body: undefined; answer: SavedMethodView };
  "/api/payments/methods/{methodId}/return": { path: { readonly methodId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/payments/options": { path: undefined; query: undefined; body: undefined; answer: readonly (PaymentOptionView)[] };
  "/api/payments/sandbox/methods/{methodId}": { path: { readonly methodId: string; }; query: { readonly card?: string; }; body: undefined; answer: undefined };
  "/api/payments/sandbox/{paymentId}": { path: { readonly paymentId: string; }; query: { readonly answer?: string; }; body: undefined; answer: undefined };
  "/api/payments/{paymentId}": { path: { readonly paymentId: string; }; query: undefined; body: undefined; answer: PaymentView };
  "/api/payments/{paymentId}/return": { path: { readonly paymentId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/products": { path: undefined; query: { readonly sku?: string; readonly limit?: number; readonly cursor?: string; }; body: undefined; answer: readonly (ProductEntry)[] };
  "/api/products/imports/{importId}": { path: { readonly importId: string; }; query: undefined; body: undefined; answer: ImportView };
  "/api/products/imports/{importId}/errors": { path: { readonly importId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/products/low-stock": { path: undefined; query: { readonly below?: number; readonly limit?: number; readonly cursor?: string; }; body: undefined; answer: readonly (ShortageView)[] };
  "/api/products/sales": { path: undefined; query: undefined; body: undefined; answer: readonly (SaleView)[] };
  "/api/products/search": { path: undefined; query: { readonly q?: string; readonly category?: string; readonly priceMin?: number; readonly priceMax?: number; readonly brand?: string; readonly tag?: string; readonly inStock?: boolean; readonly onSale?: boolean; readonly sort?: Sort; readonly limit?: number; readonly cursor?: string; }; body: undefined; answer: readonly (ProductEntry)[] };
  "/api/products/search/facets": { path: undefined; query: { readonly q?: string; readonly category?: string; readonly priceMin?: number; readonly priceMax?: number; readonly brand?: string; readonly tag?: string; readonly inStock?: boolean; readonly onSale?: boolean; readonly sort?: Sort; }; body: undefined; answer: FacetsView };
  "/api/products/search/suggest": { path: undefined; query: { readonly q?: string; }; body: undefined; answer: readonly (ProductSuggestionView)[] };
  "/api/products/{productId}": { path: { readonly productId: string; }; query: undefined; body: undefined; answer: ProductPage };
  "/api/products/{productId}/reviews": { path: { readonly productId: string; }; query: { readonly limit?: number; readonly cursor?: string; }; body: undefined; answer: readonly (ReviewView)[] };
  "/api/products/{productId}/sale": { path: { readonly productId: string; }; query: undefined; body: undefined; answer: SaleView | undefined };
  "/api/promotions": { path: undefined; query: undefined; body: undefined; answer: readonly (PromotionView)[] };
  "/api/promotions/offers": { path: undefined; query: undefined; body: undefined; answer: readonly (OfferView)[] };
  "/api/promotions/{code}": { path: { readonly code: string; }; query: undefined; body: undefined; answer: PromotionView };
  "/api/recommendations/customers/{customerId}": { path: { readonly customerId: string; }; query: { readonly limit?: number; readonly kind?: RecommendationSuggestionKind; }; body: undefined; answer: readonly (RecommendationSuggestionView)[] };
  "/api/recommendations/products/{productId}": { path: { readonly productId: string; }; query: { readonly limit?: number; }; body: undefined; answer: readonly (RecommendationSuggestionView)[] };
  "/api/recommendations/trending": { path: undefined; query: { readonly limit?: number; readonly category?: string; }; body: undefined; answer: readonly (RecommendationSuggestionView)[] };
  "/api/settings": { path: undefined; query: undefined; body: undefined; answer: OperatingView };
  "/api/shipping": { path: undefined; query: { readonly orderId: string; }; body: undefined; answer: readonly (ShipmentView)[] };
  "/api/shipping/packing": { path: undefined; query: { readonly warehouseId: string; readonly limit?: number; }; body: undefined; answer: readonly (PackingView)[] };
  "/api/shipping/track/{trackingNumber}": { path: { readonly trackingNumber: string; }; query: undefined; body: undefined; answer: TrackingView };
  "/api/shipping/{shipmentId}": { path: { readonly shipmentId: string; }; query: undefined; body: undefined; answer: ShipmentView };
  "/api/shipping/{shipmentId}/label": { path: { readonly shipmentId: string; }; query: { readonly parcel?: number; }; body: undefined; answer: undefined };
  "/api/staff": { path: undefined; query: undefined; body: undefined; answer: readonly (StaffView)[] };
  "/api/staff/{staffId}": { path: { readonly staffId: string; }; query: undefined; body: undefined; answer: StaffView };
  "/api/subscriptions": { path: undefined; query: { readonly userId?: string; readonly status?: SubscriptionStatus; readonly limit?: number; readonly cursor?: string; }; body: undefined; answer: readonly (SubscriptionView)[] };
  "/api/subscriptions/{subscriptionId}": { path: { readonly subscriptionId: string; }; query: undefined; body: undefined; answer: SubscriptionView };
  "/api/webhooks": { path: undefined; query: undefined; body: undefined; answer: readonly (WebhookView)[] };
  "/api/webhooks/events": { path: undefined; query: undefined; body: undefined; answer: readonly (EventView)[] };
  "/api/webhooks/{webhookId}": { path: { readonly webhookId: string; }; query: undefined; body: undefined; answer: WebhookView };
  "/api/webhooks/{webhookId}/deliveries": { path: { readonly webhookId: string; }; query: { readonly status?: DeliveryStatus; readonly limit?: number; readonly cursor?: string; }; body: undefined; answer: readonly (DeliveryView)[] };
  "/api/webhooks/{webhookId}/deliveries/{deliveryId}": { path: { readonly webhookId: string; readonly deliveryId: string; }; query: undefined; body: undefined; answer: DeliveryDetail };
  "/images/{name}": { path: { readonly name: string; }; query: undefined; body: undefined; answer: undefined };
  "/oauth2/authorize": { path: undefined; query: undefined; body: undefined; answer: undefined };
  "/oauth2/jwks": { path: undefined; query: undefined; body: undefined; answer: Readonly<Record<string, unknown>> };
  "/session": { path: undefined; query: undefined; body: undefined; answer: Session };
}

/** What POST takes and answers, by path. */
export interface PostPaths {
  "/api/carts": { path: undefined; query: undefined; body: OpenCart; answer: CartView };
  "/api/carts/{cartId}/checkout": { path: { readonly cartId: string; }; query: undefined; body: Checkout; answer: OrderView };
  "/api/carts/{cartId}/merge": { path: { readonly cartId: string; }; query: undefined; body: MergeCart; answer: CartView };
  "/api/categories": { path: undefined; query: undefined; body: NewCategory; answer: CategoryView };
  "/api/clients": { path: undefined; query: undefined; body: RegisterClient; answer: ClientView };
  "/api/customers": { path: undefined; query: undefined; body: Register; answer: CustomerView };
  "/api/customers/password-reset": { path: undefined; query: undefined; body: PasswordReset; answer: Accepted | undefined };
  "/api/customers/verify-email": { path: undefined; query: undefined; body: EmailVerification; answer: Accepted | undefined };
  "/api/customers/{customerId}/factors/passkeys": { path: { readonly customerId: string; }; query: undefined; body: AddPasskey; answer: PasskeyAddedView };
  "/api/customers/{customerId}/factors/passkeys/challenge": { path: { readonly customerId: string; }; query: undefined; body: undefined; answer: NewPasskeyView };
  "/api/customers/{customerId}/factors/recovery-codes": { path: { readonly customerId: string; }; query: undefined; body: undefined; answer: RecoveryCodesView };
  "/api/customers/{customerId}/factors/totp": { path: { readonly customerId: string; }; query: undefined; body: undefined; answer: AuthenticatorView };
  "/api/events/parked/{consumer}/{eventId}/replay": { path: { readonly consumer: string; readonly eventId: string; }; query: undefined; body: undefined; answer: ReplayView };
  "/api/inventory/availability": { path: undefined; query: undefined; body: CheckAvailability; answer: readonly (AvailabilityView)[] };
  "/api/inventory/reservations": { path: undefined; query: undefined; body: Reserve; answer: ReservationView };
  "/api/inventory/warehouses": { path: undefined; query: undefined; body: NewWarehouse; answer: WarehouseView };
  "/api/inventory/{productId}/adjustments": { path: { readonly productId: string; }; query: undefined; body: Adjust; answer: StockView };
  "/api/notifications": { path: undefined; query: undefined; body: Notify; answer: NotifiedView };
  "/api/notifications/back-in-stock": { path: undefined; query: undefined; body: AskToWait; answer: Asked };
  "/api/notifications/back-in-stock/confirm": { path: undefined; query: undefined; body: ConfirmWaiting; answer: AwaitedView };
  "/api/notifications/guests/erasure": { path: undefined; query: undefined; body: AddressOf; answer: undefined };
  "/api/notifications/guests/export": { path: undefined; query: undefined; body: AddressOf; answer: AddressView };
  "/api/notifications/unsubscribe": { path: undefined; query: { readonly token: string; }; body: Blob | FormData; answer: undefined };
  "/api/notifications/{notificationId}/resend": { path: { readonly notificationId: string; }; query: undefined; body: undefined; answer: StatusView };
  "/api/orders": { path: undefined; query: undefined; body: PlaceOrder; answer: OrderView };
  "/api/orders/{orderId}/cancel": { path: { readonly orderId: string; }; query: undefined; body: Reason; answer: OrderView };
  "/api/orders/{orderId}/notes": { path: { readonly orderId: string; }; query: undefined; body: NewNote; answer: EntryView };
  "/api/orders/{orderId}/returns": { path: { readonly orderId: string; }; query: undefined; body: Reason; answer: OrderView };
  "/api/payments": { path: undefined; query: undefined; body: Pay; answer: PaymentView };
  "/api/payments/methods": { path: undefined; query: undefined; body: SaveMethod; answer: SavedMethodView };
  "/api/payments/methods/{methodId}/default": { path: { readonly methodId: string; }; query: undefined; body: undefined; answer: SavedMethodView };
  "/api/payments/webhooks/paypal": { path: undefined; query: undefined; body: string; answer: undefined };
  "/api/payments/webhooks/stripe": { path: undefined; query: undefined; body: string; answer: undefined };
  "/api/payments/{paymentId}/refund": { path: { readonly paymentId: string; }; query: undefined; body: RefundRequest; answer: RefundView };
  "/api/products": { path: undefined; query: undefined; body: NewProduct; answer: ProductPage };
  "/api/products/bundles": { path: undefined; query: undefined; body: NewBundle; answer: ProductPage };
  "/api/products/configurable": { path: undefined; query: undefined; body: NewConfigurable; answer: ProductPage };
  "/api/products/imports": { path: undefined; query: { readonly dryRun?: boolean; }; body: string; answer: ImportView };
  "/api/products/{productId}/images": { path: { readonly productId: string; }; query: undefined; body: Blob | FormData; answer: ImageView };
  "/api/products/{productId}/reviews": { path: { readonly productId: string; }; query: undefined; body: NewReview; answer: ReviewView };
  "/api/promotions": { path: undefined; query: undefined; body: NewPromotion; answer: PromotionView };
  "/api/recommendations/views": { path: undefined; query: undefined; body: NewView; answer: ViewRecorded };
  "/api/shipping": { path: undefined; query: undefined; body: NewShipment; answer: ShipmentView };
  "/api/shipping/rates": { path: undefined; query: undefined; body: AskRates; answer: readonly (RateView)[] };
  "/api/shipping/webhooks/fedex": { path: undefined; query: undefined; body: string; answer: undefined };
  "/api/shipping/webhooks/ups": { path: undefined; query: undefined; body: string; answer: undefined };
  "/api/staff": { path: undefined; query: undefined; body: HireStaff; answer: StaffView };
  "/api/subscriptions": { path: undefined; query: undefined; body: StartSubscription; answer: SubscriptionView };
  "/api/subscriptions/prices": { path: undefined; query: undefined; body: AskAutoshipPrices; answer: readonly (AutoshipPriceView)[] };
  "/api/subscriptions/{subscriptionId}/approve": { path: { readonly subscriptionId: string; }; query: undefined; body: Approve; answer: SubscriptionView };
  "/api/subscriptions/{subscriptionId}/items": { path: { readonly subscriptionId: string; }; query: undefined; body: SubscribedItem; answer: SubscriptionView };
  "/api/subscriptions/{subscriptionId}/order-now": { path: { readonly subscriptionId: string; }; query: undefined; body: undefined; answer: SubscriptionView };
  "/api/subscriptions/{subscriptionId}/pause": { path: { readonly subscriptionId: string; }; query: undefined; body: Pause; answer: SubscriptionView };
  "/api/subscriptions/{subscriptionId}/resume": { path: { readonly subscriptionId: string; }; query: undefined; body: Resume; answer: SubscriptionView };
  "/api/subscriptions/{subscriptionId}/skip": { path: { readonly subscriptionId: string; }; query: undefined; body: SkipNext; answer: SubscriptionView };
  "/api/subscriptions/{subscriptionId}/swap": { path: { readonly subscriptionId: string; }; query: undefined; body: Swap; answer: SubscriptionView };
  "/api/webhooks": { path: undefined; query: undefined; body: NewWebhook; answer: WebhookView };
  "/api/webhooks/{webhookId}/deliveries/{deliveryId}/replay": { path: { readonly webhookId: string; readonly deliveryId: string; }; query: undefined; body: undefined; answer: DeliveryView };
  "/api/webhooks/{webhookId}/replay": { path: { readonly webhookId: string; }; query: undefined; body: ReplayRange; answer: ReplayedView };
  "/api/webhooks/{webhookId}/secret": { path: { readonly webhookId: string; }; query: undefined; body: NewSecret; answer: WebhookView };
  "/api/webhooks/{webhookId}/test": { path: { readonly webhookId: string; }; query: undefined; body: undefined; answer: DeliveryView };
  "/oauth2/consent": { path: undefined; query: undefined; body: Blob | FormData; answer: undefined };
  "/oauth2/introspect": { path: undefined; query: undefined; body: Blob | FormData; answer: IntrospectionView };
  "/oauth2/revoke": { path: undefined; query: undefined; body: Blob | FormData; answer: undefined };
  "/oauth2/token": { path: undefined; query: undefined; body: Blob | FormData; answer: TokenView };
  "/session": { path: undefined; query: undefined; body: Credentials; answer: Session };
  "/session/passkey": { path: undefined; query: undefined; body: Assertion; answer: Session };
  "/session/passkey/challenge": { path: undefined; query: undefined; body: undefined; answer: PasskeyChallenge };
  "/session/renew": { path: undefined; query: undefined; body: undefined; answer: Session };
  "/session/token": { path: undefined; query: undefined; body: CommandToken; answer: Session };
}

/** What PUT takes and answers, by path. */
export interface PutPaths {
  "/api/carts/{cartId}/items/{productId}": { path: { readonly cartId: string; readonly productId: string; }; query: undefined; body: PutItem; answer: CartView };
  "/api/categories/{categoryId}": { path: { readonly categoryId: string; }; query: undefined; body: NewCategory; answer: CategoryView };
  "/api/customers/{customerId}": { path: { readonly customerId: string; }; query: undefined; body: EditCustomer; answer: CustomerView };
  "/api/customers/{customerId}/factors/totp": { path: { readonly customerId: string; }; query: undefined; body: ConfirmCode; answer: RecoveryCodesView };
  "/api/customers/{customerId}/password": { path: { readonly customerId: string; }; query: undefined; body: ChangePassword; answer: undefined };
  "/api/inventory/warehouses/{warehouseId}": { path: { readonly warehouseId: string; }; query: undefined; body: ChangedWarehouse; answer: WarehouseView };
  "/api/inventory/{productId}": { path: { readonly productId: string; }; query: undefined; body: SetLevel; answer: LevelSet };
  "/api/notifications/back-in-stock/{productId}": { path: { readonly productId: string; }; query: undefined; body: undefined; answer: AwaitedView };
  "/api/notifications/preferences/{customerId}": { path: { readonly customerId: string; }; query: undefined; body: SetPreferences; answer: PreferencesView };
  "/api/products/{productId}": { path: { readonly productId: string; }; query: undefined; body: NewProduct; answer: ProductPage };
  "/api/products/{productId}/sale": { path: { readonly productId: string; }; query: undefined; body: NewSale; answer: SaleView };
  "/api/shipping/{shipmentId}/packing": { path: { readonly shipmentId: string; }; query: undefined; body: SetStage; answer: PackingView };
}

/** What PATCH takes and answers, by path. */
export interface PatchPaths {
  "/api/customers/{customerId}": { path: { readonly customerId: string; }; query: undefined; body: PatchCustomer; answer: CustomerView };
  "/api/customers/{customerId}/factors/passkeys/{passkeyId}": { path: { readonly customerId: string; readonly passkeyId: string; }; query: undefined; body: RenamePasskey; answer: PasskeyView };
  "/api/notifications/{notificationId}": { path: { readonly notificationId: string; }; query: undefined; body: MarkRead; answer: NotificationView };
  "/api/orders/{orderId}": { path: { readonly orderId: string; }; query: undefined; body: SetStatus; answer: OrderView };
  "/api/products/{productId}": { path: { readonly productId: string; }; query: undefined; body: ChangedProduct; answer: ProductPage };
  "/api/staff/{staffId}": { path: { readonly staffId: string; }; query: undefined; body: ChangeStaff; answer: StaffView };
  "/api/subscriptions/{subscriptionId}": { path: { readonly subscriptionId: string; }; query: undefined; body: ChangeSubscription; answer: SubscriptionView };
  "/api/webhooks/{webhookId}": { path: { readonly webhookId: string; }; query: undefined; body: ChangeWebhook; answer: WebhookView };
}

/** What DELETE takes and answers, by path. */
export interface DeletePaths {
  "/api/carts/{cartId}": { path: { readonly cartId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/carts/{cartId}/items/{productId}": { path: { readonly cartId: string; readonly productId: string; }; query: undefined; body: undefined; answer: CartView };
  "/api/categories/{categoryId}": { path: { readonly categoryId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/clients/{clientId}": { path: { readonly clientId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/customers/{customerId}": { path: { readonly customerId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/customers/{customerId}/factors/passkeys/{passkeyId}": { path: { readonly customerId: string; readonly passkeyId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/customers/{customerId}/factors/totp": { path: { readonly customerId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/customers/{customerId}/sessions": { path: { readonly customerId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/customers/{customerId}/sessions/{sessionId}": { path: { readonly customerId: string; readonly sessionId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/events/parked/{consumer}/{eventId}": { path: { readonly consumer: string; readonly eventId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/inventory/reservations/{orderId}": { path: { readonly orderId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/notifications/back-in-stock/{productId}": { path: { readonly productId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/payments/methods/{methodId}": { path: { readonly methodId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/products/{productId}": { path: { readonly productId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/products/{productId}/sale": { path: { readonly productId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/promotions/{code}": { path: { readonly code: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/subscriptions/{subscriptionId}": { path: { readonly subscriptionId: string; }; query: undefined; body: undefined; answer: undefined };
  "/api/webhooks/{webhookId}": { path: { readonly webhookId: string; }; query: undefined; body: undefined; answer: undefined };
  "/session": { path: undefined; query: undefined; body: undefined; answer: undefined };
}
