(** Quantising a number of an IEEE binary format: dividing it by a scale, or multiplying it by one,
    rounding to a nearest integer and adding a zero point, every step rounded by itself. No step ever
    falls, so the maximum passes through all of them. Where the scale is negative none of the whole
    ever rises, and the maximum becomes the minimum.

    Infinities are numbers here, NaN is none. To nearest, ties to even. *)

From Coq Require Import Reals Lra Lia ZArith Bool.
From Flocq Require Import Core BinarySingleNaN.
From poolproof Require Import rounding_axioms rounding ieee binary_model.
Open Scope R_scope.

Section AnyBinaryFormat.

Variable prec emax : Z.
Context {prec_gt_0_ : Prec_gt_0 prec}.
Context {prec_lt_emax_ : Prec_lt_emax prec emax}.

Notation number := (binary_float prec emax).
Notation fexp := (FLT_exp (SpecFloat.emin prec emax) prec).
Notation finite x := (is_finite x = true).
Notation is_number x := (is_nan x = false).
Notation fl := (round radix2 fexp ZnearestE).
Notation represents := (represents prec emax).
Notation fmax := (fmax prec emax).
Notation same := (same prec emax).
Notation infinity s := (B754_infinity s : number).

Definition at_most (x y : number) : Prop := Bleb x y = true.
(** torch.minimum, of two that are not NaN. *)
Definition fmin (x y : number) : number := if Bleb x y then x else y.

Lemma numbers_are_ordered : forall x y : number, is_number x -> is_number y ->
  at_most x y \/ at_most y x.
Proof.
intros x y Nx Ny. unfold at_most. destruct (is_finite x) eqn:Fx, (is_finite y) eqn:Fy.
- rewrite !Bleb_correct by assumption.
  destruct (Rle_bool_spec (B2R x) (B2R y)); [now left|right].
  apply Rle_bool_true. lra.
- destruct y as [|[|]| |]; try discriminate Fy; try discriminate Ny;
    destruct x as [|[|]| |[|] ? ? ?]; try discriminate Fx; ((now left) || (now right)).
- destruct x as [|[|]| |]; try discriminate Fx; try discriminate Nx;
    destruct y as [|[|]| |[|] ? ? ?]; try discriminate Fy; ((now left) || (now right)).
- destruct x as [|[|]| |]; try discriminate Fx; try discriminate Nx;
    destruct y as [|[|]| |]; try discriminate Fy; try discriminate Ny; ((now left) || (now right)).
Qed.

(** What a step makes of finite numbers, by a real function, and of infinities. *)
Definition steps (g : number -> number) (h : R -> R) (turns : bool) : Prop :=
  (forall x, finite x -> represents (g x) False (h (B2R x))) /\
  (forall s, g (infinity s) = infinity (xorb turns s)).

Lemma a_number_again : forall g h turns x, steps g h turns -> is_number x -> is_number (g x).
Proof.
intros g h turns x [F I] N. destruct x as [s|s| |s m e H]; try discriminate N.
- specialize (F (B754_zero s) eq_refl). destruct F as [_ R].
  destruct (g (B754_zero s)); [easy|easy|contradiction|easy].
- now rewrite I.
- specialize (F (B754_finite s m e H) eq_refl). destruct F as [_ R].
  destruct (g (B754_finite s m e H)); [easy|easy|contradiction|easy].
Qed.

Lemma in_order : forall (x y : number) v w,
  represents x False v -> represents y False w -> v <= w -> at_most x y.
Proof.
intros x y v w Rx Ry H. apply (order_as_modelled prec emax x y False False v w Rx Ry). tauto.
Qed.

Lemma least_and_greatest : forall x : number, is_number x ->
  at_most (infinity true) x /\ at_most x (infinity false).
Proof. intros [s|[|]| |[|] m e H] N; try discriminate N; now split. Qed.

Lemma never_falls : forall g h, steps g h false -> (forall v w, v <= w -> h v <= h w) ->
  forall x y, is_number x -> is_number y -> at_most x y -> at_most (g x) (g y).
Proof.
intros g h S M x y Nx Ny H. pose proof (a_number_again g h false x S Nx) as Gx.
pose proof (a_number_again g h false y S Ny) as Gy. destruct S as [F I].
destruct (is_finite x) eqn:Fx.
- destruct (is_finite y) eqn:Fy.
  + unfold at_most in H. rewrite Bleb_correct in H by assumption.
    destruct (Rle_bool_spec (B2R x) (B2R y)) as [L|]; [|discriminate].
    exact (in_order _ _ _ _ (F x Fx) (F y Fy) (M _ _ L)).
  + destruct y as [|[|]| |]; try discriminate Fy; try discriminate Ny.
    * now destruct x as [|[|]| |[|] ? ? ?].
    * rewrite I. now apply least_and_greatest.
- destruct x as [|[|]| |]; try discriminate Fx; try discriminate Nx.
  + rewrite I. now apply least_and_greatest.
  + destruct y as [|[|]| |[|] ? ? ?]; try discriminate H; try discriminate Ny.
    rewrite I. now apply least_and_greatest.
Qed.

Lemma never_rises : forall g h, steps g h true -> (forall v w, v <= w -> h w <= h v) ->
  forall x y, is_number x -> is_number y -> at_most x y -> at_most (g y) (g x).
Proof.
intros g h S M x y Nx Ny H. pose proof (a_number_again g h true x S Nx) as Gx.
pose proof (a_number_again g h true y S Ny) as Gy. destruct S as [F I].
destruct (is_finite x) eqn:Fx.
- destruct (is_finite y) eqn:Fy.
  + unfold at_most in H. rewrite Bleb_correct in H by assumption.
    destruct (Rle_bool_spec (B2R x) (B2R y)) as [L|]; [|discriminate].
    exact (in_order _ _ _ _ (F y Fy) (F x Fx) (M _ _ L)).
  + destruct y as [|[|]| |]; try discriminate Fy; try discriminate Ny.
    * now destruct x as [|[|]| |[|] ? ? ?].
    * rewrite I. now apply least_and_greatest.
- destruct x as [|[|]| |]; try discriminate Fx; try discriminate Nx.
  + rewrite I. now apply least_and_greatest.
  + destruct y as [|[|]| |[|] ? ? ?]; try discriminate H; try discriminate Ny.
    rewrite I. now apply least_and_greatest.
Qed.

(** ** The steps *)

Lemma fl_monotone : forall v w, v <= w -> fl v <= fl w.
Proof. intros v w H. apply round_le; auto with typeclass_instances. Qed.

Lemma nonzero_sign : forall s : number, finite s -> B2R s <> 0 ->
  Bsign s = Rlt_bool (B2R s) 0.
Proof.
intros s F N. destruct (sign_says prec emax s F) as [S1 S2].
destruct (Rlt_bool_spec (B2R s) 0); destruct (Bsign s); auto.
- specialize (S2 eq_refl). lra.
- specialize (S1 eq_refl). lra.
Qed.

Lemma sign_of_product : forall (x s : number) k, finite x -> finite s -> 0 < k ->
  (xorb (Bsign x) (Bsign s) = true -> B2R x * B2R s * k <= 0) /\
  (xorb (Bsign x) (Bsign s) = false -> 0 <= B2R x * B2R s * k).
Proof.
intros x s k Fx Fs K. destruct (sign_says prec emax x Fx) as [X1 X2], (sign_says prec emax s Fs) as [S1 S2].
assert (P : forall p q, p <= 0 -> 0 <= q -> p * q * k <= 0).
{ intros p q Hp Hq. assert (0 <= (- p) * q * k); [|lra].
  apply Rmult_le_pos; [apply Rmult_le_pos|]; lra. }
destruct (Bsign x), (Bsign s); simpl; split; intros E; try discriminate E;
  try specialize (X1 eq_refl); try specialize (X2 eq_refl);
  try specialize (S1 eq_refl); try specialize (S2 eq_refl).
- replace (B2R x * B2R s) with ((- B2R x) * (- B2R s)) by ring.
  apply Rmult_le_pos; [apply Rmult_le_pos|]; lra.
- now apply P.
- rewrite (Rmult_comm (B2R x)). now apply P.
- apply Rmult_le_pos; [apply Rmult_le_pos|]; lra.
Qed.

Lemma multiplying : forall s : number, finite s -> B2R s <> 0 ->
  steps (fun x => Bmult mode_NE x s) (fun v => fl (v * B2R s)) (Rlt_bool (B2R s) 0).
Proof.
intros s Fs N. split.
- intros x Fx. pose proof (Bmult_correct prec emax _ _ mode_NE x s) as C.
  change (round_mode mode_NE) with ZnearestE in C.
  change (SpecFloat.fexp prec emax) with fexp in C.
  destruct (sign_of_product x s 1 Fx Fs Rlt_0_1) as [P1 P2]. rewrite Rmult_1_r in P1, P2.
  apply (modelled prec emax _ (xorb (Bsign x) (Bsign s))); auto.
  destruct (Rlt_bool _ _); [|exact C]. destruct C as [C1 [C2 _]].
  split; [exact C1|]. now rewrite C2, Fx, Fs.
- intros t. rewrite <- (nonzero_sign s Fs N).
  destruct s as [r|r| |r m e H]; try discriminate Fs; [now contradiction N|].
  simpl. now rewrite xorb_comm.
Qed.

Lemma dividing : forall s : number, finite s -> B2R s <> 0 ->
  steps (fun x => Bdiv mode_NE x s) (fun v => fl (v / B2R s)) (Rlt_bool (B2R s) 0).
Proof.
intros s Fs N. split.
- intros x Fx. pose proof (Bdiv_correct prec emax _ _ mode_NE x s N) as C.
  change (round_mode mode_NE) with ZnearestE in C.
  change (SpecFloat.fexp prec emax) with fexp in C.
  assert (K : 0 < / B2R s * / B2R s).
  { assert (/ B2R s <> 0) by now apply Rinv_neq_0_compat. nra. }
  destruct (sign_of_product x s _ Fx Fs K) as [P1 P2].
  replace (B2R x * B2R s * (/ B2R s * / B2R s)) with (B2R x / B2R s) in P1, P2 by (field; exact N).
  apply (modelled prec emax _ (xorb (Bsign x) (Bsign s))); auto.
  destruct (Rlt_bool _ _); [|exact C]. destruct C as [C1 [C2 _]].
  split; [exact C1|]. now rewrite C2.
- intros t. rewrite <- (nonzero_sign s Fs N).
  destruct s as [r|r| |r m e H]; try discriminate Fs; [now contradiction N|].
  simpl. now rewrite xorb_comm.
Qed.

Lemma rounding_to_an_integer :
  steps (Bnearbyint mode_NE) (round radix2 (FIX_exp 0) ZnearestE) false.
Proof.
split; [|now intros [|]]. intros x F.
destruct (Bnearbyint_correct prec emax _ mode_NE x) as (E & Ff & _).
change (round_mode mode_NE) with ZnearestE in E. rewrite <- E.
apply represents_finite; [now rewrite Ff | easy].
Qed.

Lemma adding : forall z : number, finite z ->
  steps (fun x => Bplus mode_NE x z) (fun v => fl (v + B2R z)) false.
Proof.
intros z Fz. split.
- intros x Fx. pose proof (Bplus_correct prec emax _ _ mode_NE x z Fx Fz) as C.
  change (round_mode mode_NE) with ZnearestE in C.
  change (SpecFloat.fexp prec emax) with fexp in C.
  destruct (sign_says prec emax x Fx) as [X1 X2], (sign_says prec emax z Fz) as [Z1 Z2].
  destruct (Rlt_bool (Rabs (fl (B2R x + B2R z))) (bpow radix2 emax)) eqn:L.
  + apply (modelled prec emax _ (Rlt_bool (B2R x + B2R z) 0)); auto.
    * rewrite L. destruct C as [C1 [C2 _]]. now split.
    * destruct (Rlt_bool_spec (B2R x + B2R z) 0); [lra | discriminate].
    * destruct (Rlt_bool_spec (B2R x + B2R z) 0); [discriminate | lra].
  + destruct C as [C S]. apply (modelled prec emax _ (Bsign x)); auto.
    * now rewrite L.
    * intros E. rewrite <- S in Z1. specialize (X1 E). specialize (Z1 E). lra.
    * intros E. rewrite <- S in Z2. specialize (X2 E). specialize (Z2 E). lra.
- intros s. destruct z; try discriminate Fz; now destruct s.
Qed.

(** ** All of them *)

(** What is done with the scale: a division, or a multiplication. *)
Inductive scaling : (number -> number -> number) -> Prop :=
  | Divided : scaling (Bdiv mode_NE)
  | Multiplied : scaling (Bmult mode_NE).

Definition quantised (by_scale : number -> number -> number) (s z x : number) : number :=
  Bplus mode_NE (Bnearbyint mode_NE (by_scale x s)) z.

Lemma to_an_integer_monotone : forall v w, v <= w ->
  round radix2 (FIX_exp 0) ZnearestE v <= round radix2 (FIX_exp 0) ZnearestE w.
Proof. intros v w H. apply round_le; auto with typeclass_instances. Qed.

Lemma scaled : forall by_scale, scaling by_scale -> forall s : number, finite s -> B2R s <> 0 ->
  exists k, steps (fun x => by_scale x s) (fun v => fl (v * k)) (Rlt_bool (B2R s) 0)
    /\ (0 < B2R s -> 0 < k) /\ (B2R s < 0 -> k < 0).
Proof.
intros f [|] s F N.
- exists (/ B2R s). split; [now apply dividing|].
  split; intros H; [now apply Rinv_0_lt_compat | now apply Rinv_lt_0_compat].
- exists (B2R s). split; [now apply multiplying | now split].
Qed.

Lemma never_falls_after : forall z x y : number, finite z -> is_number x -> is_number y ->
  at_most x y ->
  at_most (Bplus mode_NE (Bnearbyint mode_NE x) z) (Bplus mode_NE (Bnearbyint mode_NE y) z).
Proof.
intros z x y Fz Nx Ny H.
pose proof rounding_to_an_integer as R. pose proof (adding z Fz) as A.
apply (never_falls _ _ A (fun v w L => fl_monotone _ _ (Rplus_le_compat_r _ v w L)));
  try (now apply (a_number_again _ _ _ _ R)).
now apply (never_falls _ _ R to_an_integer_monotone).
Qed.

Lemma quantised_is_a_number : forall f, scaling f -> forall s z x : number,
  finite s -> B2R s <> 0 -> finite z -> is_number x -> is_number (quantised f s z x).
Proof.
intros f K s z x Fs N Fz Nx. destruct (scaled f K s Fs N) as [k [S _]].
apply (a_number_again _ _ _ _ (adding z Fz)), (a_number_again _ _ _ _ rounding_to_an_integer).
now apply (a_number_again _ _ _ x S).
Qed.

Lemma same_if_both_ways : forall x y : number, at_most x y -> at_most y x -> same x y.
Proof.
intros x y H K. unfold at_most in *. destruct (is_finite x) eqn:Fx, (is_finite y) eqn:Fy.
- rewrite Bleb_correct in H, K by assumption. apply same_finite; auto.
  destruct (Rle_bool_spec (B2R x) (B2R y)), (Rle_bool_spec (B2R y) (B2R x)); try discriminate. lra.
- destruct y as [|[|]| |]; try discriminate Fy; destruct x as [|[|]| |[|] ? ? ?]; discriminate.
- destruct x as [|[|]| |]; try discriminate Fx; destruct y as [|[|]| |[|] ? ? ?]; discriminate.
- destruct x as [|[|]| |]; try discriminate Fx; destruct y as [|[|]| |]; try discriminate Fy;
    try discriminate H; try discriminate K; now right.
Qed.

(* false: 0 < B2R s -> => B2R s < 0 -> *)
(* false: (fmax (quantised => (fmin (quantised *)
Theorem quantising_passes_the_maximum : forall f, scaling f -> forall s z a b : number,
  finite s -> 0 < B2R s -> finite z -> is_number a -> is_number b ->
  same (quantised f s z (fmax a b)) (fmax (quantised f s z a) (quantised f s z b)).
Proof.
intros f K s z a b Fs P Fz Na Nb. assert (N : B2R s <> 0) by lra.
destruct (scaled f K s Fs N) as [k [S [Hk _]]]. specialize (Hk P).
rewrite Rlt_bool_false in S by lra.
assert (M : forall v w, v <= w -> fl (v * k) <= fl (w * k)).
{ intros v w H. apply fl_monotone. apply Rmult_le_compat_r; lra. }
assert (Q : forall x y, is_number x -> is_number y -> at_most x y ->
  at_most (quantised f s z x) (quantised f s z y)).
{ intros x y Nx Ny H. apply never_falls_after; auto;
    try (now apply (a_number_again _ _ _ _ S)). now apply (never_falls _ _ S M). }
pose proof (quantised_is_a_number f K s z a Fs N Fz Na) as Qa.
pose proof (quantised_is_a_number f K s z b Fs N Fz Nb) as Qb.
unfold ieee.fmax. rewrite Na, Nb, Qa, Qb. destruct (Bleb b a) eqn:L.
- pose proof (Q b a Nb Na L) as H. unfold at_most in H. rewrite H. apply same_itself.
- destruct (numbers_are_ordered a b Na Nb) as [H|H]; [|unfold at_most in H; congruence].
  specialize (Q a b Na Nb H). destruct (Bleb (quantised f s z b) (quantised f s z a)) eqn:E.
  + now apply same_if_both_ways.
  + apply same_itself.
Qed.

(* false: B2R s < 0 -> => 0 < B2R s -> *)
(* false: (fmin (quantised => (fmax (quantised *)
Theorem quantising_turns_the_maximum : forall f, scaling f -> forall s z a b : number,
  finite s -> B2R s < 0 -> finite z -> is_number a -> is_number b ->
  same (quantised f s z (fmax a b)) (fmin (quantised f s z a) (quantised f s z b)).
Proof.
intros f K s z a b Fs P Fz Na Nb. assert (N : B2R s <> 0) by lra.
destruct (scaled f K s Fs N) as [k [S [_ Hk]]]. specialize (Hk P).
rewrite Rlt_bool_true in S by lra.
assert (M : forall v w, v <= w -> fl (w * k) <= fl (v * k)).
{ intros v w H. apply fl_monotone. nra. }
assert (Q : forall x y, is_number x -> is_number y -> at_most x y ->
  at_most (quantised f s z y) (quantised f s z x)).
{ intros x y Nx Ny H. apply never_falls_after; auto;
    try (now apply (a_number_again _ _ _ _ S)). now apply (never_rises _ _ S M). }
unfold ieee.fmax, fmin. rewrite Na, Nb. destruct (Bleb b a) eqn:L.
- pose proof (Q b a Nb Na L) as H. unfold at_most in H. rewrite H. apply same_itself.
- destruct (numbers_are_ordered a b Na Nb) as [H|H]; [|unfold at_most in H; congruence].
  specialize (Q a b Na Nb H). destruct (Bleb (quantised f s z a) (quantised f s z b)) eqn:E.
  + now apply same_if_both_ways.
  + apply same_itself.
Qed.

End AnyBinaryFormat.
