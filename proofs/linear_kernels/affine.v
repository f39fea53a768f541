(** Affine functions of a window of any number of taps, and the maximum of its taps.

    A window of k + 1 taps is what a function from numbers to reals says at 0 … k. *)

From Coq Require Import Reals Lra Lia.
Open Scope R_scope.

Lemma within : forall x e, Rabs x <= e -> - e <= x <= e.
Proof. intros x e. unfold Rabs. destruct (Rcase_abs x); lra. Qed.

(** Σ g(i) for i ≤ k *)
Fixpoint total (k : nat) (g : nat -> R) : R :=
  match k with O => g O | S j => total j g + g k end.
Fixpoint largest (k : nat) (x : nat -> R) : R :=
  match k with O => x O | S j => Rmax (largest j x) (x k) end.
Definition affine (k : nat) (w : nat -> R) (c : R) (x : nat -> R) : R :=
  total k (fun i => w i * x i) + c.

(** A window that is [high] at tap j and [low] elsewhere. *)
Definition single (j : nat) (high low : R) (i : nat) : R := if Nat.eqb i j then high else low.

Lemma total_of_sum : forall k f g, total k (fun i => f i + g i) = total k f + total k g.
Proof. induction k; intros; simpl; [ring | rewrite IHk; ring]. Qed.

Lemma total_scaled : forall k f s, total k (fun i => f i * s) = total k f * s.
Proof. induction k; intros; simpl; [ring | rewrite IHk; ring]. Qed.

Lemma total_constant : forall k s, total k (fun _ => s) = INR (S k) * s.
Proof.
induction k; intros s; [change (s = 1 * s); ring|].
change (total k (fun _ => s) + s = INR (S (S k)) * s). rewrite IHk, (S_INR (S k)). ring.
Qed.

Lemma total_same : forall k f g, (forall i, (i <= k)%nat -> f i = g i) -> total k f = total k g.
Proof.
induction k; intros f g H; simpl; [apply H; lia|].
rewrite (IHk f g) by (intros; apply H; lia). now rewrite (H (S k)) by lia.
Qed.

Lemma total_at_most : forall k f g, (forall i, (i <= k)%nat -> f i <= g i) -> total k f <= total k g.
Proof.
induction k; intros f g H; simpl; [apply H; lia|].
assert (total k f <= total k g) by (apply IHk; intros; apply H; lia).
assert (f (S k) <= g (S k)) by (apply H; lia). lra.
Qed.

Lemma total_single : forall k j w high low, (j <= k)%nat ->
  total k (fun i => w i * single j high low i) = total k w * low + w j * (high - low).
Proof.
intros k j w high low Hj.
assert (Hbelow : forall m, (m < j)%nat -> total m (fun i => w i * single j high low i) = total m w * low).
{ intros m Hm. rewrite <- total_scaled. apply total_same. intros i Hi. unfold single.
  now replace (Nat.eqb i j) with false by (symmetry; apply Nat.eqb_neq; lia). }
induction k as [|k IH].
- replace j with 0%nat by lia. unfold single. simpl. ring.
- simpl. destruct (Nat.eq_dec j (S k)) as [->|Hne].
  + rewrite Hbelow by lia. unfold single. rewrite Nat.eqb_refl. ring.
  + rewrite IH by lia. unfold single.
    replace (Nat.eqb (S k) j) with false by (symmetry; apply Nat.eqb_neq; lia). ring.
Qed.

Lemma largest_at_most : forall k x s, (forall i, (i <= k)%nat -> x i <= s) -> largest k x <= s.
Proof.
induction k; intros x s H; simpl; [apply H; lia|].
apply Rmax_lub; [apply IHk; intros; apply H; lia | apply H; lia].
Qed.

Lemma tap_at_most_largest : forall k x i, (i <= k)%nat -> x i <= largest k x.
Proof.
induction k; intros x i H; simpl; [replace i with 0%nat by lia; lra|].
destruct (Nat.eq_dec i (S k)) as [->|Hne]; [apply Rmax_r|].
apply Rle_trans with (largest k x); [apply IHk; lia | apply Rmax_l].
Qed.

Lemma largest_constant : forall k s, largest k (fun _ => s) = s.
Proof.
intros k s. apply Rle_antisym; [apply largest_at_most; intros; lra|].
apply (tap_at_most_largest k (fun _ => s) 0). lia.
Qed.

Lemma largest_single : forall k j high low, (j <= k)%nat -> low <= high ->
  largest k (single j high low) = high.
Proof.
intros k j high low Hj H. apply Rle_antisym.
- apply largest_at_most. intros i _. unfold single. destruct (Nat.eqb i j); lra.
- apply Rle_trans with (single j high low j); [|now apply tap_at_most_largest].
  unfold single. rewrite Nat.eqb_refl. lra.
Qed.

(* false: (1 <= k)%nat => (0 <= k)%nat *)
Theorem no_affine_function_is_the_maximum : forall k, (1 <= k)%nat ->
  ~ exists w c, forall x, (forall i, x i = 0 \/ x i = 1 \/ x i = -1) ->
    affine k w c x = largest k x.
Proof.
intros k Hk (w & c & H). unfold affine in H.
assert (S : forall v, v = 0 \/ v = 1 \/ v = -1 ->
  forall i, single 0 v 0 i = 0 \/ single 0 v 0 i = 1 \/ single 0 v 0 i = -1).
{ intros v Hv i. unfold single. destruct (Nat.eqb i 0); [exact Hv | now left]. }
pose proof (H (single 0 1 0) (S 1 ltac:(auto))) as H1.
pose proof (H (single 0 (-1) 0) (S (-1) ltac:(auto))) as H2.
pose proof (H (single 0 0 0) (S 0 ltac:(auto))) as H3.
rewrite total_single in H1, H2, H3 by lia.
rewrite largest_single in H1, H3 by (lia || lra).
assert (E : largest k (single 0 (-1) 0) = 0).
{ apply Rle_antisym.
  - apply largest_at_most. intros i _. unfold single. destruct (Nat.eqb i 0); lra.
  - change 0 with (single 0 (-1) 0 1) at 1. now apply tap_at_most_largest. }
rewrite E in H2. lra.
Qed.

(** With k + 1 taps in [lo, hi] no affine function errs by less than this. *)
Definition least_error (k : nat) (lo hi : R) : R := (hi - lo) * INR k / (2 * INR (S k)).
Definition inside (k : nat) (lo hi : R) (x : nat -> R) : Prop :=
  forall i, (i <= k)%nat -> lo <= x i <= hi.
Definition mean (k : nat) (x : nat -> R) : R := total k x / INR (S k).

Lemma total_at_least_largest : forall k lo x, (forall i, (i <= k)%nat -> lo <= x i) ->
  largest k x + INR k * lo <= total k x.
Proof.
induction k; intros lo x H; [simpl; lra|].
assert (IH : largest k x + INR k * lo <= total k x) by (apply IHk; intros; apply H; lia).
assert (lo <= x (S k)) by (apply H; lia).
assert (lo <= largest k x) by (apply Rle_trans with (x 0%nat); [apply H; lia | apply tap_at_most_largest; lia]).
rewrite S_INR. simpl. unfold Rmax. destruct (Rle_dec (largest k x) (x (S k))); lra.
Qed.

(* false: <= least_error k lo hi => <= least_error k lo hi / 2 *)
(* false: mean k x + least_error k lo hi - => mean k x - *)
Theorem mean_with_a_bias_is_that_close : forall k lo hi x, lo <= hi -> inside k lo hi x ->
  Rabs (mean k x + least_error k lo hi - largest k x) <= least_error k lo hi.
Proof.
intros k lo hi x Hlh H. unfold mean, least_error.
assert (Hn : 0 < INR (S k)) by (apply lt_0_INR; lia).
assert (Hk : INR (S k) = INR k + 1) by apply S_INR. pose proof (pos_INR k) as Hk0.
assert (H1 : largest k x + INR k * lo <= total k x) by (apply total_at_least_largest; intros; now apply H).
assert (H2 : total k x <= INR (S k) * largest k x).
{ rewrite <- total_constant. apply total_at_most. intros. now apply tap_at_most_largest. }
assert (H3 : largest k x <= hi) by (apply largest_at_most; intros; now apply H).
apply Rabs_le. set (M := largest k x) in *. set (T := total k x) in *. set (n := INR (S k)) in *.
replace (T / n + (hi - lo) * INR k / (2 * n) - M) with ((2 * T + (hi - lo) * INR k - 2 * n * M) / (2 * n))
  by (field; lra).
replace (- ((hi - lo) * INR k / (2 * n))) with ((- ((hi - lo) * INR k)) / (2 * n)) by (field; lra).
unfold Rdiv. split; apply Rmult_le_compat_r; try (left; apply Rinv_0_lt_compat; lra); nra.
Qed.

(* false: least_error k lo hi <= e => 2 * least_error k lo hi <= e *)
Theorem no_affine_function_is_closer : forall k lo hi w c e, lo <= hi ->
  (forall x, inside k lo hi x -> Rabs (affine k w c x - largest k x) <= e) ->
  least_error k lo hi <= e.
Proof.
intros k lo hi w c e Hlh H. unfold least_error.
assert (Hn : 0 < INR (S k)) by (apply lt_0_INR; lia).
assert (Hk : INR (S k) = INR k + 1) by apply S_INR.
assert (Hhi : affine k w c (fun _ => hi) - hi <= e).
{ assert (B : Rabs (affine k w c (fun _ => hi) - largest k (fun _ => hi)) <= e)
    by (apply H; intros i _; lra).
  rewrite largest_constant in B. apply within in B. lra. }
assert (Hlo : affine k w c (fun _ => lo) - lo <= e).
{ assert (B : Rabs (affine k w c (fun _ => lo) - largest k (fun _ => lo)) <= e)
    by (apply H; intros i _; lra).
  rewrite largest_constant in B. apply within in B. lra. }
unfold affine in *. rewrite total_scaled in Hhi, Hlo.
assert (Hs : INR (S k) * (hi - e - c - total k w * lo) <= total k w * (hi - lo)).
{ rewrite <- total_constant, <- (total_scaled k w (hi - lo)). apply total_at_most. intros j Hj.
  assert (Hj' : Rabs (total k (fun i => w i * single j hi lo i) + c - largest k (single j hi lo)) <= e).
  { apply H. intros i _. unfold single. destruct (Nat.eqb i j); lra. }
  rewrite total_single, largest_single in Hj' by assumption.
  apply within in Hj'. lra. }
pose proof (pos_INR k).
apply Rmult_le_reg_r with (2 * INR (S k)); [lra|].
replace ((hi - lo) * INR k / (2 * INR (S k)) * (2 * INR (S k))) with ((hi - lo) * INR k) by (field; lra).
nra.
Qed.
