(** ReLU(a − b) + b in IEEE 754's binary formats, with infinities, NaN and overflow.

    The numbers are Flocq's [binary_float] of any precision and any largest exponent: float16,
    bfloat16, float32, float64 and float8_e5m2 are five of them. NaN is one value; numbers are
    compared as tensors compare them, zeros of both signs being equal, and NaN to NaN counts as
    equal. Every operation rounds by itself. Where a theorem names no mode it holds in all five. *)

From Coq Require Import Reals Lra Lia ZArith List Bool.
From Flocq Require Import Core Relative Sterbenz BinarySingleNaN.
From poolproof Require Import rounding_axioms rounding.
Import ListNotations.
Open Scope R_scope.

Section AnyBinaryFormat.

Variable prec emax : Z.
Context {prec_gt_0_ : Prec_gt_0 prec}.
Context {prec_lt_emax_ : Prec_lt_emax prec emax}.

Notation number := (binary_float prec emax).
Notation emin := (SpecFloat.emin prec emax).
Notation fexp := (FLT_exp emin prec).
Notation float := (generic_format radix2 fexp).
Notation finite x := (is_finite x = true).
Notation zero := (B754_zero false : number).

Definition positive (x : number) : bool :=
  match x with B754_infinity false | B754_finite false _ _ _ => true | _ => false end.
Definition frelu (x : number) : number :=
  if is_nan x then x else if positive x then x else zero.
(** torch.maximum: NaN if there is one. *)
Definition fmax (x y : number) : number :=
  if is_nan x then x else if is_nan y then y else if Bleb y x then x else y.
Definition same (x y : number) : Prop :=
  is_nan x = true /\ is_nan y = true \/ Beqb x y = true.

Lemma same_finite : forall x y, finite x -> finite y -> B2R x = B2R y -> same x y.
Proof.
intros x y Fx Fy H. right. rewrite Beqb_correct by assumption. now apply Req_bool_true.
Qed.

Lemma same_values : forall x y, finite x -> finite y -> same x y -> B2R x = B2R y.
Proof.
intros x y Fx Fy [[H _]|H].
- now destruct x.
- rewrite Beqb_correct in H by assumption. now destruct (Req_bool_spec (B2R x) (B2R y)).
Qed.

Lemma same_itself : forall x, same x x.
Proof.
intros [s|[|]| |s m e H]; try (now right); try (now left).
apply same_finite; reflexivity.
Qed.

Lemma fmax_value : forall x y, finite x -> finite y ->
  finite (fmax x y) /\ B2R (fmax x y) = Rmax (B2R x) (B2R y).
Proof.
intros x y Fx Fy. unfold fmax.
replace (is_nan x) with false by (now destruct x).
replace (is_nan y) with false by (now destruct y).
rewrite Bleb_correct by assumption. destruct (Rle_bool_spec (B2R y) (B2R x)).
- split; [exact Fx|]. rewrite Rmax_left; [reflexivity | assumption].
- split; [exact Fy|]. rewrite Rmax_right; [reflexivity | lra].
Qed.

Lemma frelu_value : forall x, finite x -> finite (frelu x) /\ B2R (frelu x) = relu (B2R x).
Proof.
intros [s|s| |[|] m e H] Fx; try discriminate Fx; unfold frelu, relu; simpl; (split; [reflexivity|]).
- rewrite Rmax_left; lra.
- rewrite Rmax_right; [reflexivity|]. apply F2R_le_0. simpl. lia.
- rewrite Rmax_left; [reflexivity|]. apply F2R_ge_0. simpl. lia.
Qed.

Lemma is_float : forall x : number, float (B2R x).
Proof. exact (generic_format_B2R prec emax). Qed.

Lemma below_the_top : forall x : number, Rabs (B2R x) < bpow radix2 emax.
Proof. exact (abs_B2R_lt_emax prec emax). Qed.

Section AnyMode.

Variable m : mode.
Notation add := (Bplus m).
Notation sub := (Bminus m).
Notation fl := (round radix2 fexp (round_mode m)).

Definition form (a b : number) : number := add (frelu (sub a b)) b.
Definition three (a b : number) : number :=
  sub (add (frelu (sub a b)) (frelu b)) (frelu (Bopp b)).

Lemma add_value : forall x y : number, finite x -> finite y ->
  Rabs (fl (B2R x + B2R y)) < bpow radix2 emax ->
  finite (add x y) /\ B2R (add x y) = fl (B2R x + B2R y).
Proof.
intros x y Fx Fy H. pose proof (Bplus_correct prec emax _ _ m x y Fx Fy) as C.
rewrite Rlt_bool_true in C by exact H. tauto.
Qed.

Lemma sub_value : forall x y : number, finite x -> finite y ->
  Rabs (fl (B2R x - B2R y)) < bpow radix2 emax ->
  finite (sub x y) /\ B2R (sub x y) = fl (B2R x - B2R y).
Proof.
intros x y Fx Fy H. pose proof (Bminus_correct prec emax _ _ m x y Fx Fy) as C.
rewrite Rlt_bool_true in C by exact H. tauto.
Qed.

Lemma sum_that_is_a_number : forall x y z : number, finite x -> finite y -> finite z ->
  B2R x + B2R y = B2R z -> finite (add x y) /\ B2R (add x y) = B2R z.
Proof.
intros x y z Fx Fy Fz H.
assert (E : fl (B2R x + B2R y) = B2R z).
{ rewrite H. apply round_generic; [apply valid_rnd_round_mode | apply is_float]. }
rewrite <- E. apply add_value; auto. rewrite E. apply below_the_top.
Qed.

Lemma relu_of_ordered : forall a b : number, finite a -> finite b -> B2R a <= B2R b ->
  frelu (sub a b) = zero.
Proof.
intros a b Fa Fb H. pose proof (Bminus_correct prec emax _ _ m a b Fa Fb) as C.
change (SpecFloat.fexp prec emax) with fexp in C.
assert (Hr : fl (B2R a - B2R b) <= 0).
{ apply round_le_generic; auto using generic_format_0 with typeclass_instances. lra. }
destruct (Rlt_bool_spec (Rabs (fl (B2R a - B2R b))) (bpow radix2 emax)) as [Ho|Ho].
- destruct C as [Cr [Cf _]].
  destruct (sub a b) as [s|s| |[|] mx ex Hx]; try discriminate Cf; try reflexivity.
  exfalso. rewrite <- Cr in Hr. simpl in Hr.
  assert (0 < F2R (Float radix2 (Zpos mx) ex)) by (apply F2R_gt_0; simpl; lia). simpl in *. lra.
- destruct C as [C Cs].
  assert (Sa : Bsign a = true).
  { destruct (Bsign a) eqn:Sa; [reflexivity|]. exfalso.
    assert (0 <= B2R a).
    { destruct a as [s|s| |s ma ea Ha]; simpl in *; try discriminate; try lra.
      subst s. apply F2R_ge_0. simpl. lia. }
    assert (B2R b <= 0).
    { destruct b as [s|s| |s mb eb Hb]; simpl in *; try discriminate; try lra.
      destruct s; [|discriminate]. apply F2R_le_0. simpl. lia. }
    replace (B2R a - B2R b) with 0 in Ho by lra.
    rewrite round_0, Rabs_R0 in Ho by auto with typeclass_instances.
    pose proof (bpow_gt_0 radix2 emax). lra. }
  rewrite Sa in C. unfold binary_overflow in C.
  destruct (sub a b) as [s|s| |s mx ex Hx]; destruct (overflow_to_inf m true); simpl in C;
    try discriminate C; injection C; intros; subst; reflexivity.
Qed.

Lemma exact_when_ordered_and_finite : forall a b : number, finite a -> finite b ->
  B2R a <= B2R b -> same (form a b) (fmax a b).
Proof.
intros a b Fa Fb H. unfold form. rewrite relu_of_ordered by assumption.
destruct (fmax_value a b Fa Fb) as [Fm Em]. rewrite Rmax_right in Em by exact H.
destruct (sum_that_is_a_number zero b b) as [Fs Es]; auto; [simpl; lra|].
apply same_finite; [exact Fs | exact Fm | now rewrite Es, Em].
Qed.

(* false: Bleb a b = true => Bleb b a = true *)
Theorem ieee_exact_when_ordered : forall a b : number,
  Bleb a b = true -> finite b -> same (form a b) (fmax a b).
Proof.
intros a b H Fb. destruct (is_finite a) eqn:Fa.
- apply exact_when_ordered_and_finite; auto.
  rewrite Bleb_correct in H by assumption. now destruct (Rle_bool_spec (B2R a) (B2R b)).
- destruct a as [s|[|]| |s ma ea Ha]; try discriminate Fa.
  + replace (form (B754_infinity true) b) with (add zero b) by (now destruct b).
    replace (fmax (B754_infinity true) b) with b by (now destruct b as [[|]|s| |[|] mb eb Hb]).
    destruct (sum_that_is_a_number zero b b) as [Fs Es]; auto; [simpl; lra|].
    now apply same_finite.
  + now destruct b as [[|]|s| |[|] mb eb Hb].
  + now destruct b as [[|]|s| |[|] mb eb Hb].
Qed.

(** What "exact" says of a − b: the operands and the result are finite, and nothing is rounded. *)
Definition exact_difference (a b : number) : Prop :=
  finite a /\ finite b /\ finite (sub a b) /\ B2R (sub a b) = B2R a - B2R b.

(* false: exact_difference a b -> => finite (sub a b) -> *)
Theorem ieee_exact_when_difference_exact : forall a b : number,
  exact_difference a b -> same (form a b) (fmax a b).
Proof.
intros a b (Fa & Fb & Fd & Ed). destruct (fmax_value a b Fa Fb) as [Fm Em].
destruct (frelu_value (sub a b) Fd) as [Fr Er].
destruct (sum_that_is_a_number (frelu (sub a b)) b (fmax a b)) as [Fs Es]; auto.
- rewrite Er, Ed, Em. unfold relu, Rmax.
  destruct (Rle_dec (B2R a - B2R b) 0), (Rle_dec (B2R a) (B2R b)); lra.
- now apply same_finite.
Qed.

Lemma leb_or_leb : forall a b : number, is_nan a = false -> is_nan b = false ->
  Bleb a b = true \/ Bleb b a = true.
Proof.
intros a b Na Nb. destruct (is_finite a) eqn:Fa, (is_finite b) eqn:Fb.
- rewrite !Bleb_correct by assumption.
  destruct (Rle_bool_spec (B2R a) (B2R b)); [now left|right].
  apply Rle_bool_true. lra.
- destruct b as [s|[|]| |s mb eb Hb]; try discriminate Fb; try discriminate Nb;
    destruct a as [s'|s'| |s' ma ea Ha]; try discriminate Fa; try (now left); try (now right);
    try (destruct s'; now left); destruct s'; now right.
- destruct a as [s|[|]| |s ma ea Ha]; try discriminate Fa; try discriminate Na;
    destruct b as [s'|s'| |s' mb eb Hb]; try discriminate Fb; try (now left); try (now right);
    try (destruct s'; now left); destruct s'; now right.
- destruct a as [s|[|]| |s ma ea Ha]; try discriminate Fa; try discriminate Na;
    destruct b as [s'|[|]| |s' mb eb Hb]; try discriminate Fb; try discriminate Nb;
    try (now left); now right.
Qed.

(* false: \/ same (form b a) (fmax a b) => /\ same (form b a) (fmax a b) *)
(* false: finite a \/ ~ same a b => finite a \/ True *)
Theorem ieee_one_of_two_orders : forall a b : number,
  finite a \/ ~ same a b ->
  same (form a b) (fmax a b) \/ same (form b a) (fmax a b).
Proof.
intros a b H.
destruct (is_nan a) eqn:Na; [left; destruct a; try discriminate; now left|].
destruct (is_nan b) eqn:Nb.
{ left. destruct b; try discriminate. destruct a; now left. }
destruct (is_finite a) eqn:Fa, (is_finite b) eqn:Fb.
- destruct (Rle_or_lt (B2R a) (B2R b)).
  + left. now apply exact_when_ordered_and_finite.
  + right. destruct (fmax_value a b Fa Fb) as [Fm Em]. destruct (fmax_value b a Fb Fa) as [Fn En].
    unfold form. rewrite relu_of_ordered by (assumption || lra).
    destruct (sum_that_is_a_number zero a a) as [Fs Es]; auto; [simpl; lra|].
    apply same_finite; auto. rewrite Es, Em, Rmax_left; lra.
- destruct b as [s|[|]| |s mb eb Hb]; try discriminate Fb; try discriminate Nb.
  + right. replace (fmax a (B754_infinity true)) with a
      by (now destruct a as [[|]|s| |[|] ma ea Ha]).
    replace (form (B754_infinity true) a) with (add zero a)
      by (now destruct a as [[|]|s| |[|] ma ea Ha]).
    destruct (sum_that_is_a_number zero a a) as [Fs Es]; auto; [simpl; lra|].
    now apply same_finite.
  + left. right. now destruct a as [[|]|s| |[|] ma ea Ha].
- destruct a as [s|[|]| |s ma ea Ha]; try discriminate Fa; try discriminate Na.
  + left. replace (fmax (B754_infinity true) b) with b
      by (now destruct b as [[|]|s| |[|] mb eb Hb]).
    replace (form (B754_infinity true) b) with (add zero b)
      by (now destruct b as [[|]|s| |[|] mb eb Hb]).
    destruct (sum_that_is_a_number zero b b) as [Fs Es]; auto; [simpl; lra|].
    now apply same_finite.
  + left. right. now destruct b as [[|]|s| |[|] mb eb Hb].
- destruct a as [s|[|]| |s ma ea Ha]; try discriminate Fa; try discriminate Na;
    destruct b as [s'|[|]| |s' mb eb Hb]; try discriminate Fb; try discriminate Nb.
  + destruct H as [H|H]; [discriminate|]. destruct H. now right.
  + left. now right.
  + right. now right.
  + destruct H as [H|H]; [discriminate|]. destruct H. now right.
Qed.

Lemma minus_zero : forall (x : number) s, same (sub x (B754_zero s)) x.
Proof.
intros x s. destruct (is_finite x) eqn:Fx.
- destruct (sub_value x (B754_zero s)) as [Fd Ed]; auto; simpl B2R in *; rewrite Rminus_0_r in *;
    (rewrite round_generic in * by (apply valid_rnd_round_mode || apply is_float)).
  + apply below_the_top.
  + now apply same_finite.
- destruct x as [|[|]| |]; try discriminate Fx; (now right) || (now left).
Qed.

Lemma add_zero : forall x : number, add (frelu x) zero = frelu x.
Proof. now intros [[|]|[|]| |[|] mx ex Hx]. Qed.

Lemma sub_of_opposite : forall x y : number, finite y ->
  same (sub x (Bopp y)) (add x y).
Proof.
intros x y Fy. destruct (is_finite x) eqn:Fx.
- assert (Fo : finite (Bopp y)) by (now rewrite is_finite_Bopp).
  pose proof (Bminus_correct prec emax _ _ m x (Bopp y) Fx Fo) as C.
  pose proof (Bplus_correct prec emax _ _ m x y Fx Fy) as D.
  rewrite B2R_Bopp in C. replace (B2R x - - B2R y) with (B2R x + B2R y) in C by ring.
  destruct (Rlt_bool _ _).
  + apply same_finite; [tauto | tauto|]. destruct C as [-> _]. now destruct D as [-> _].
  + replace (sub x (Bopp y)) with (add x y); [apply same_itself|].
    apply B2SF_inj. destruct C as [-> _]. now destruct D as [-> _].
- destruct x as [s|s| |s mx ex Hx]; try discriminate Fx; [|now left].
  destruct y as [t|t| |t my ey Hy]; try discriminate Fy; right; now destruct s.
Qed.

(* false: (form a b) => (form b a) *)
Theorem ieee_three_relus : forall a b : number, same (three a b) (form a b).
Proof.
intros a b. destruct (is_finite b) eqn:Fb.
- unfold three, form. destruct b as [s|s| |[|] mb eb Hb]; try discriminate Fb.
  + change (frelu (B754_zero s)) with zero. change (frelu (Bopp (B754_zero s))) with zero.
    rewrite add_zero.
    destruct (sub a (B754_zero s)) as [[|]|[|]| |[|] mx ex Hx]; simpl;
      try (destruct s; apply same_itself); destruct s, m; (now right) || apply same_itself.
  + set (b := B754_finite true mb eb Hb).
    change (frelu b) with zero. change (frelu (Bopp b)) with (Bopp b). rewrite add_zero.
    now apply sub_of_opposite.
  + set (b := B754_finite false mb eb Hb).
    change (frelu b) with b. change (frelu (Bopp b)) with zero. apply minus_zero.
- destruct b as [s|[|]| |s mb eb Hb]; try discriminate Fb;
    destruct a as [[|]|[|]| |[|] ma ea Ha]; (now right) || (now left).
Qed.

Lemma difference_of_close : forall a b : number, finite a -> finite b ->
  B2R b <= 2 * B2R a -> B2R a <= 2 * B2R b -> exact_difference a b.
Proof.
intros a b Fa Fb H1 H2. pose proof (below_the_top a) as Ta. pose proof (below_the_top b) as Tb.
assert (E : fl (B2R a - B2R b) = B2R a - B2R b).
{ apply sterbenz_difference_exact; auto using is_float with typeclass_instances. }
rewrite Rabs_pos_eq in Ta, Tb by lra.
destruct (sub_value a b Fa Fb) as [Fd Ed].
- rewrite E. apply Rabs_lt. lra.
- repeat split; auto. now rewrite Ed.
Qed.

(* false: <= 2 * B2R b => <= 4 * B2R b *)
Theorem ieee_sterbenz : forall a b : number, finite a -> finite b ->
  B2R b <= 2 * B2R a -> B2R a <= 2 * B2R b -> exact_difference a b.
Proof. exact difference_of_close. Qed.

(* false: <= 2 * B2R b => <= 4 * B2R b *)
Theorem ieee_exact_when_at_most_twice : forall a b : number, finite a -> finite b ->
  B2R a <= 2 * B2R b -> same (form a b) (fmax a b).
Proof.
intros a b Fa Fb H. destruct (Rle_or_lt (B2R a) (B2R b)).
- now apply exact_when_ordered_and_finite.
- apply ieee_exact_when_difference_exact, difference_of_close; auto. lra.
Qed.

End AnyMode.

(** ** To nearest, ties to even: what overflows is infinite *)

Notation add := (Bplus mode_NE).
Notation sub := (Bminus mode_NE).
Notation fl := (round radix2 fexp ZnearestE).
Notation rebuilt := (form mode_NE).
Notation u := (u_ro radix2 prec).

Lemma finite_sum : forall x y : number, finite x -> finite y -> finite (add x y) ->
  B2R (add x y) = fl (B2R x + B2R y).
Proof.
intros x y Fx Fy F. pose proof (Bplus_correct prec emax _ _ mode_NE x y Fx Fy) as C.
destruct (Rlt_bool _ _); [tauto|]. destruct C as [C _].
destruct (add x y) as [s|s| |s mx ex Hx]; discriminate.
Qed.

Lemma finite_difference : forall x y : number, finite x -> finite y -> finite (sub x y) ->
  B2R (sub x y) = fl (B2R x - B2R y).
Proof.
intros x y Fx Fy F. pose proof (Bminus_correct prec emax _ _ mode_NE x y Fx Fy) as C.
destruct (Rlt_bool _ _); [tauto|]. destruct C as [C _].
destruct (sub x y) as [s|s| |s mx ex Hx]; discriminate.
Qed.

Lemma rebuilt_value : forall a b : number, finite a -> finite b -> finite (sub a b) ->
  finite (rebuilt a b) ->
  B2R (rebuilt a b) = difference_form radix2 fexp ZnearestE (B2R a) (B2R b).
Proof.
intros a b Fa Fb Fd F. destruct (frelu_value (sub a b) Fd) as [Fr Er].
unfold form in *. rewrite finite_sum by assumption.
rewrite Er, finite_difference by assumption. reflexivity.
Qed.

(* false: <= 2 * u * Rabs => <= u * Rabs *)
Theorem ieee_error_bound : forall a b : number,
  finite a -> finite b -> finite (sub a b) -> finite (rebuilt a b) ->
  (1 + u) * Rabs (B2R (rebuilt a b) - B2R (fmax a b)) <= 2 * u * Rabs (B2R a - B2R b).
Proof.
intros a b Fa Fb Fd F. rewrite rebuilt_value by assumption.
destruct (fmax_value a b Fa Fb) as [_ ->]. apply error_bound; auto using is_float.
Qed.

(* false: = 2 * u * Rabs => < 2 * u * Rabs *)
Theorem ieee_error_bound_is_attained : (1 < prec)%Z -> forall a b : number,
  finite a -> finite b -> B2R a = 1 + 2 * u -> B2R b = u ->
  finite (rebuilt a b) /\
  (1 + u) * Rabs (B2R (rebuilt a b) - B2R (fmax a b)) = 2 * u * Rabs (B2R a - B2R b).
Proof.
intros Hp a b Fa Fb Ha Hb.
assert (Hlow : (emin <= - prec)%Z).
{ unfold SpecFloat.emin. red in prec_lt_emax_. lia. }
assert (Hu : 0 < u < 1).
{ rewrite u_is_power. split; [apply bpow_gt_0|]. change 1 with (bpow radix2 0). apply bpow_lt. lia. }
assert (Htop : 1 < bpow radix2 emax).
{ change 1 with (bpow radix2 0). apply bpow_lt. red in prec_lt_emax_. lia. }
assert (E : fl (1 + u) = 1) by now apply one_plus_u_rounds_to_one.
destruct (sub_value mode_NE a b Fa Fb) as [Fd Ed];
  change (round_mode mode_NE) with ZnearestE in *; rewrite Ha, Hb in *;
  replace (1 + 2 * u - u) with (1 + u) in * by ring; rewrite E in *.
{ rewrite Rabs_R1. exact Htop. }
destruct (frelu_value (sub a b) Fd) as [Fr Er].
assert (Er' : B2R (frelu (sub a b)) = 1) by (rewrite Er, Ed; unfold relu; rewrite Rmax_left; lra).
destruct (add_value mode_NE (frelu (sub a b)) b Fr Fb) as [Ff Ef];
  change (round_mode mode_NE) with ZnearestE in *; rewrite Er', Hb, E in *.
{ rewrite Rabs_R1. exact Htop. }
unfold form. split; [exact Ff|]. destruct (fmax_value a b Fa Fb) as [_ Em].
rewrite Ef, Em, Ha, Hb, Rmax_left, Rabs_minus_sym, !Rabs_pos_eq by lra. ring.
Qed.

Lemma difference_not_minus_infinity : forall a b : number, finite a -> finite b ->
  B2R b < B2R a -> sub a b = B754_infinity true -> False.
Proof.
intros a b Fa Fb Hlt Es.
pose proof (Bminus_correct prec emax _ _ mode_NE a b Fa Fb) as C. rewrite Es in C.
destruct (Rlt_bool _ _); [now destruct C as [_ [C _]]|].
destruct C as [C Cs]. simpl in C. injection C as C. rewrite <- C in Cs.
assert (B2R a <= 0).
{ destruct a as [t|t| |t ma ea Ha]; simpl in *; try discriminate; try lra.
  subst t. apply F2R_le_0. simpl. lia. }
assert (0 <= B2R b).
{ destruct b as [t|t| |t mb eb Hb]; simpl in *; try discriminate; try lra.
  destruct t; [discriminate|]. apply F2R_ge_0. simpl. lia. }
lra.
Qed.

Lemma smaller_second : forall a b : number, finite a -> finite b -> finite (sub a b) ->
  B2R b < B2R a -> Rabs (B2R a) <= Rabs (B2R b) ->
  finite (rebuilt a b) /\ B2R (rebuilt a b) - B2R a = B2R (sub a b) - (B2R a - B2R b).
Proof.
intros a b Fa Fb Fd Hlt Habs. destruct (frelu_value (sub a b) Fd) as [Fr Er].
pose proof (finite_difference a b Fa Fb Fd) as Ed.
assert (Hb : B2R b < 0).
{ destruct (Rlt_or_le (B2R b) 0) as [|Hb]; auto. rewrite !Rabs_pos_eq in Habs by lra. lra. }
assert (Hd : 0 <= B2R (sub a b)).
{ rewrite Ed. apply round_ge_generic; auto using generic_format_0 with typeclass_instances. lra. }
assert (Hr : B2R (frelu (sub a b)) = B2R (sub a b)).
{ rewrite Er. unfold relu. now rewrite Rmax_left. }
assert (Fs : float (B2R (sub a b) + B2R b)).
{ rewrite Ed. apply second_operation_exact; auto using is_float with typeclass_instances. }
assert (E : fl (B2R (frelu (sub a b)) + B2R b) = B2R (sub a b) + B2R b).
{ rewrite Hr. apply round_generic; auto with typeclass_instances. }
pose proof (below_the_top b) as Tb. pose proof (below_the_top (sub a b)) as Td.
rewrite Rabs_left in Tb by assumption. rewrite Rabs_pos_eq in Td by assumption.
destruct (add_value mode_NE (frelu (sub a b)) b Fr Fb) as [Ff Ef].
- change (round_mode mode_NE) with ZnearestE. rewrite E. apply Rabs_lt. lra.
- change (round_mode mode_NE) with ZnearestE in Ef. unfold form. split; [exact Ff|].
  rewrite Ef, E. ring.
Qed.

(* false: Rabs (B2R a) <= Rabs (B2R b) => Rabs (B2R b) <= Rabs (B2R a) *)
(* false: - (B2R a - B2R b) => + (B2R a - B2R b) *)
Theorem ieee_errs_as_the_difference_does : forall a b : number,
  finite a -> finite b -> finite (sub a b) ->
  B2R b < B2R a -> Rabs (B2R a) <= Rabs (B2R b) ->
  finite (rebuilt a b) /\ B2R (rebuilt a b) - B2R a = B2R (sub a b) - (B2R a - B2R b).
Proof. intros a b Fa Fb Fd Hlt Habs. now apply smaller_second. Qed.

(* false: Rabs (B2R a) <= Rabs (B2R b) => Rabs (B2R b) <= Rabs (B2R a) *)
Theorem ieee_right_iff_difference_exact : forall a b : number, finite a -> finite b ->
  B2R b < B2R a -> Rabs (B2R a) <= Rabs (B2R b) ->
  (same (rebuilt a b) (fmax a b) <-> exact_difference mode_NE a b).
Proof.
intros a b Fa Fb Hlt Habs. split; [|apply ieee_exact_when_difference_exact].
intros H. destruct (fmax_value a b Fa Fb) as [Fm Em]. rewrite Rmax_left in Em by lra.
destruct (is_finite (sub a b)) eqn:Fd.
- destruct (smaller_second a b Fa Fb Fd Hlt Habs) as [Ff Ef].
  apply same_values in H; auto. repeat split; auto. rewrite H, Em in Ef. lra.
- exfalso.
  assert (Hn : is_finite (rebuilt a b) = false).
  { unfold form. destruct (sub a b) as [s|[|]| |s mx ex Hx] eqn:Es; try discriminate Fd.
    - now apply (difference_not_minus_infinity a b) in Hlt.
    - now destruct b as [t|t| |t mb eb Hb].
    - now destruct b as [t|t| |t mb eb Hb]. }
  destruct H as [[_ H]|H].
  + now destruct (fmax a b).
  + destruct (rebuilt a b) as [s|s| |s mx ex Hx]; try discriminate Hn;
      destruct (fmax a b) as [t|t| |t my ey Hy]; try discriminate Fm; (now destruct s) || easy.
Qed.

(** ** Folds of any number of taps *)

(** torch.minimum: NaN if there is one. *)
Definition fmin (x y : number) : number :=
  if is_nan x then x else if is_nan y then y else if Bleb x y then x else y.
Definition ieee_folded (first : number) (taps : list number) : number :=
  fold_left (fun m t => rebuilt t m) taps first.
Definition greatest (first : number) (taps : list number) : number := fold_left fmax taps first.
Definition least (first : number) (taps : list number) : number := fold_left fmin taps first.

Lemma fmin_value : forall x y, finite x -> finite y ->
  finite (fmin x y) /\ B2R (fmin x y) = Rmin (B2R x) (B2R y).
Proof.
intros x y Fx Fy. unfold fmin.
replace (is_nan x) with false by (now destruct x).
replace (is_nan y) with false by (now destruct y).
rewrite Bleb_correct by assumption. destruct (Rle_bool_spec (B2R x) (B2R y)).
- split; [exact Fx|]. rewrite Rmin_left; [reflexivity | assumption].
- split; [exact Fy|]. rewrite Rmin_right; [reflexivity | lra].
Qed.

Definition not_high (x : number) : Prop := finite x \/ x = B754_infinity true.
Definition not_low (x : number) : Prop := finite x \/ x = B754_infinity false.

Lemma not_high_of_fmax : forall x y, not_high (fmax x y) -> not_high x /\ not_high y.
Proof.
intros x y. unfold not_high.
destruct x as [s|[|]| |s m e H], y as [t|[|]| |t n f K]; try (split; (now left) || (now right));
  intros [J|J]; try discriminate J; try (now destruct s); try (now destruct t).
Qed.

Lemma not_low_of_fmin : forall x y, not_low (fmin x y) -> not_low x /\ not_low y.
Proof.
intros x y. unfold not_low.
destruct x as [s|[|]| |s m e H], y as [t|[|]| |t n f K]; try (split; (now left) || (now right));
  intros [J|J]; try discriminate J; try (now destruct s); try (now destruct t).
Qed.

Lemma taps_finite : forall first taps,
  not_high (greatest first taps) -> not_low (least first taps) ->
  finite first /\ Forall (fun t => finite t) taps.
Proof.
intros first taps. unfold greatest, least. induction taps as [|t taps IH] using rev_ind; simpl.
- intros [H|H] [K|K]; subst; try discriminate; auto.
- rewrite !fold_left_app. simpl. intros H K.
  apply not_high_of_fmax in H. apply not_low_of_fmin in K. destruct H as [H1 H2], K as [K1 K2].
  destruct (IH H1 K1) as [F1 F2]. split; [exact F1|]. apply Forall_app. split; [exact F2|].
  constructor; [|constructor]. destruct H2 as [H2|H2], K2 as [K2|K2]; subst; try discriminate; auto.
Qed.

Lemma greatest_value : forall first taps, finite first -> Forall (fun t => finite t) taps ->
  finite (greatest first taps) /\
  B2R (greatest first taps) = largest (B2R first) (map (@B2R prec emax) taps).
Proof.
intros first taps Ff H. revert first Ff. induction H as [|t taps Ft _ IH]; intros; simpl.
- now split.
- destruct (fmax_value first t Ff Ft) as [F E]. destruct (IH (fmax first t) F) as [G EG].
  unfold greatest, largest in *. simpl. now rewrite <- E.
Qed.

Lemma least_value : forall first taps, finite first -> Forall (fun t => finite t) taps ->
  finite (least first taps) /\
  B2R (least first taps) = smallest (B2R first) (map (@B2R prec emax) taps).
Proof.
intros first taps Ff H. revert first Ff. induction H as [|t taps Ft _ IH]; intros; simpl.
- now split.
- destruct (fmin_value first t Ff Ft) as [F E]. destruct (IH (fmin first t) F) as [G EG].
  unfold least, smallest in *. simpl. now rewrite <- E.
Qed.

Lemma finite_operands : forall x y : number, finite (add x y) -> finite x /\ finite y.
Proof.
intros [s|[|]| |s m e H] [t|[|]| |t n f K]; simpl; intros J; try discriminate J; now split.
Qed.

Lemma step_value : forall t m : number, finite t -> finite m -> finite (rebuilt t m) ->
  B2R (rebuilt t m) = difference_form radix2 fexp ZnearestE (B2R t) (B2R m).
Proof.
intros t m Ft Fm F. destruct (Rle_or_lt (B2R t) (B2R m)) as [H|H].
- rewrite exact_when_ordered by auto using is_float with typeclass_instances.
  rewrite Rmax_right by exact H. unfold form. rewrite relu_of_ordered by assumption.
  apply sum_that_is_a_number; auto. simpl. lra.
- apply rebuilt_value; auto. apply finite_operands in F. destruct F as [F _].
  pose proof (difference_not_minus_infinity t m Ft Fm H) as N.
  destruct (sub t m) as [s|[|]| |s mx ex Hx]; auto; discriminate F || now elim N.
Qed.

Lemma folded_value : forall first taps, finite first -> Forall (fun t => finite t) taps ->
  finite (ieee_folded first taps) ->
  B2R (ieee_folded first taps) =
  folded radix2 emin prec (fun x => negb (Z.even x)) (B2R first) (map (@B2R prec emax) taps).
Proof.
intros first taps Ff. unfold ieee_folded, folded.
induction taps as [|t taps IH] using rev_ind; [reflexivity|].
intros H F. apply Forall_app in H. destruct H as [Ht Ft]. apply Forall_inv in Ft.
rewrite map_app, !fold_left_app in *. simpl in *.
assert (Fm : finite (fold_left (fun m t => rebuilt t m) taps first)).
{ unfold form in F at 1. now apply finite_operands in F. }
rewrite step_value by assumption. now rewrite IH.
Qed.

(* false: <= 2 * u * => <= u * *)
(* false: B2R (least first taps) <= B2R (ieee_folded => B2R (least first taps) < B2R (ieee_folded *)
Theorem ieee_fold_error_bound : forall first taps,
  finite (ieee_folded first taps) ->
  finite (greatest first taps) -> finite (least first taps) ->
  B2R (least first taps) <= B2R (ieee_folded first taps) /\
  (1 + u) * Rabs (B2R (ieee_folded first taps) - B2R (greatest first taps))
  <= 2 * u * (B2R (greatest first taps) - B2R (least first taps)).
Proof.
intros first taps F G L.
destruct (taps_finite first taps (or_introl G) (or_introl L)) as [Ff Ft].
rewrite folded_value by assumption.
rewrite (proj2 (greatest_value first taps Ff Ft)), (proj2 (least_value first taps Ff Ft)).
apply fold_error_bound; auto using is_float.
apply Forall_forall. intros x Hx. apply in_map_iff in Hx. destruct Hx as [y [<- _]]. apply is_float.
Qed.

(** ** Where NaN comes from, and where nothing overflows *)

Ltac by_cases :=
  intros J; first [discriminate J | now left | right; now left | right; right; now left
    | right; right; right; now split].

(* false: \/ b = B754_infinity true => \/ a = B754_infinity true *)
(* false: \/ a = B754_infinity false /\ b = B754_infinity false => \/ False *)
Theorem ieee_nan_iff : forall a b : number,
  is_nan (rebuilt a b) = true <->
  is_nan a = true \/ is_nan b = true \/ b = B754_infinity true
  \/ a = B754_infinity false /\ b = B754_infinity false.
Proof.
intros a b. destruct (is_finite b) eqn:Fb.
- destruct (is_finite a) eqn:Fa.
  + assert (H : is_nan (rebuilt a b) = false).
    { assert (N : is_nan (sub a b) = false).
      { pose proof (Bminus_correct prec emax _ _ mode_NE a b Fa Fb) as C.
        destruct (Rlt_bool _ _); destruct C as [C D]; destruct (sub a b); try reflexivity;
          try discriminate C; destruct D as [D _]; discriminate D. }
      unfold form. destruct (is_finite (frelu (sub a b))) eqn:Fr.
      - pose proof (Bplus_correct prec emax _ _ mode_NE _ _ Fr Fb) as C.
        destruct (Rlt_bool _ _); destruct C as [C D];
          destruct (add (frelu (sub a b)) b); try reflexivity; try discriminate C; destruct D as [D _]; discriminate D.
      - destruct (sub a b) as [s|[|]| |[|] mx ex Hx]; try discriminate Fr; try discriminate N.
        now destruct b. }
    split; [intros K; rewrite H in K; discriminate K|].
    intros [K|[K|[K|[K _]]]];
      [now destruct a | now destruct b | subst; discriminate | subst; discriminate].
  + destruct a as [s|[|]| |s ma ea Ha]; try discriminate Fa;
      destruct b as [[|]|t| |t mb eb Hb]; try discriminate Fb; split;
      solve [by_cases | intros [K|[K|[K|[K L]]]]; discriminate || reflexivity].
- destruct b as [s|[|]| |s mb eb Hb]; try discriminate Fb;
    destruct a as [t|[|]| |t ma ea Ha]; split;
    solve [by_cases | intros [K|[K|[K|[K L]]]]; discriminate || reflexivity].
Qed.

(* false: same (rebuilt (B754_infinity true) m) m => same (rebuilt m (B754_infinity true)) m *)
Theorem ieee_minus_infinity_as_a_tap : forall m : number,
  finite m -> same (rebuilt (B754_infinity true) m) m.
Proof.
intros m F. replace (rebuilt (B754_infinity true) m) with (add zero m) by (now destruct m).
destruct (sum_that_is_a_number mode_NE zero m m) as [Fs Es]; auto; [simpl; lra|].
now apply same_finite.
Qed.

(* false: (rebuilt m (B754_infinity true)) => (rebuilt (B754_infinity true) m) *)
Theorem ieee_minus_infinity_in_the_other_order : forall m : number,
  is_nan (rebuilt m (B754_infinity true)) = true.
Proof. intros m. apply ieee_nan_iff. auto. Qed.

(* false: (rebuilt first (B754_infinity true)) taps => (rebuilt (B754_infinity true) first) taps *)
Theorem ieee_minus_infinity_as_the_start : forall (first : number) (taps : list number),
  is_nan (ieee_folded (rebuilt first (B754_infinity true)) taps) = true.
Proof.
intros first taps. unfold ieee_folded. induction taps as [|t taps IH] using rev_ind.
- apply ieee_minus_infinity_in_the_other_order.
- rewrite fold_left_app. apply ieee_nan_iff. auto.
Qed.

Lemma finite_if_bounded : forall (a b : number) M, finite a -> finite b -> finite (sub a b) ->
  float M -> M < bpow radix2 emax -> - M <= B2R b ->
  (B2R b < B2R a -> B2R (sub a b) + B2R b <= M) -> finite (rebuilt a b).
Proof.
intros a b M Fa Fb Fd FM HM Hlow H. unfold form.
destruct (Rle_or_lt (B2R a) (B2R b)) as [Hab|Hab].
- rewrite relu_of_ordered by assumption.
  destruct (sum_that_is_a_number mode_NE zero b b) as [Fs _]; auto. simpl. lra.
- destruct (frelu_value (sub a b) Fd) as [Fr Er].
  assert (Hd : 0 <= B2R (sub a b)).
  { rewrite finite_difference by assumption.
    apply round_ge_generic; auto using generic_format_0 with typeclass_instances. lra. }
  unfold relu in Er. rewrite Rmax_left in Er by exact Hd.
  apply add_value; auto. change (round_mode mode_NE) with ZnearestE. rewrite Er.
  apply Rle_lt_trans with M; [|exact HM].
  apply abs_round_le_generic; auto with typeclass_instances.
  apply Rabs_le. specialize (H Hab). lra.
Qed.

(* false: finite (add b b) => finite b *)
(* false: finite (add a a) => finite a *)
Theorem ieee_no_overflow_in_half_the_range : forall a b : number,
  finite (add a a) -> finite (add b b) -> finite (rebuilt a b).
Proof.
intros a b Fa2 Fb2. destruct (finite_operands a a Fa2) as [Fa _].
destruct (finite_operands b b Fb2) as [Fb _].
assert (D : forall x : number, finite x -> finite (add x x) ->
  float (Rabs (2 * B2R x)) /\ Rabs (2 * B2R x) < bpow radix2 emax).
{ intros x Fx Fx2. assert (F : float (2 * B2R x)) by (apply double_of_float; [auto | apply is_float]).
  split; [now apply generic_format_abs|].
  pose proof (finite_sum x x Fx Fx Fx2) as E. replace (B2R x + B2R x) with (2 * B2R x) in E by ring.
  rewrite round_generic in E by auto with typeclass_instances.
  rewrite <- E. apply below_the_top. }
destruct (D a Fa Fa2) as [A1 A2]. destruct (D b Fb Fb2) as [B1 B2].
assert (E : exists M, float M /\ M < bpow radix2 emax /\ Rabs (2 * B2R a) <= M /\ Rabs (2 * B2R b) <= M).
{ destruct (Rle_or_lt (Rabs (2 * B2R a)) (Rabs (2 * B2R b))).
  - exists (Rabs (2 * B2R b)). repeat split; auto. lra.
  - exists (Rabs (2 * B2R a)). repeat split; auto; lra. }
destruct E as (M & FM & HM & Ha & Hb). apply Rabs_le_inv in Ha, Hb.
destruct (sub_value mode_NE a b Fa Fb) as [Fd Ed].
{ apply Rle_lt_trans with M; [|exact HM]. apply abs_round_le_generic; auto with typeclass_instances.
  apply Rabs_le. lra. }
apply finite_if_bounded with M; auto; [lra|]. intros Hab. rewrite Ed.
change (round_mode mode_NE) with ZnearestE.
pose proof (rounding_axioms.error_of_a_difference radix2 emin prec (fun x => negb (Z.even x))
  (B2R a) (B2R b) (is_float a) (is_float b)) as He.
destruct (rounding_axioms.unit_roundoff_is_at_most_half radix2 prec) as [U1 U2].
rewrite (Rabs_pos_eq (B2R a - B2R b)) in He by lra.
pose proof (Rle_abs (fl (B2R a - B2R b) - (B2R a - B2R b))) as Hr.
set (e := Rabs (fl (B2R a - B2R b) - (B2R a - B2R b))) in *.
assert (3 * e <= M) by nra. lra.
Qed.

(** The largest finite number. *)
Definition Omega : R := bpow radix2 emax - bpow radix2 (emax - prec).

Lemma Omega_is_float : float Omega.
Proof.
apply generic_format_FLT. exists (Float radix2 (2 ^ prec - 1) (emax - prec)).
- unfold Omega, F2R. cbn [Fnum Fexp].
  rewrite minus_IZR, (IZR_Zpower radix2) by (red in prec_gt_0_; lia).
  rewrite Rmult_minus_distr_r, <- bpow_plus, Rmult_1_l. do 2 f_equal. ring.
- cbn [Fnum Fexp]. change (Zpower radix2 prec) with (2 ^ prec)%Z.
  assert (0 < 2 ^ prec)%Z by (apply Z.pow_pos_nonneg; red in prec_gt_0_; lia). lia.
- cbn [Fnum Fexp]. unfold SpecFloat.emin. red in prec_gt_0_, prec_lt_emax_. lia.
Qed.

(* false: (1 - 2 * u) * Omega => Omega *)
(* false: finite (sub a b) -> => finite a -> *)
Theorem ieee_no_overflow_below_the_end : forall a b : number,
  finite a -> finite b -> finite (sub a b) -> B2R a <= (1 - 2 * u) * Omega ->
  finite (rebuilt a b).
Proof.
intros a b Fa Fb Fd Ha.
pose proof (abs_B2R_le_emax_minus_prec prec emax _ b) as Tb.
pose proof (abs_B2R_le_emax_minus_prec prec emax _ (sub a b)) as Td.
fold Omega in Tb, Td. apply Rabs_le_inv in Tb, Td.
destruct (rounding_axioms.unit_roundoff_is_at_most_half radix2 prec) as [U1 U2].
apply finite_if_bounded with Omega; auto using Omega_is_float.
- unfold Omega. pose proof (bpow_gt_0 radix2 (emax - prec)). lra.
- lra.
- intros Hab. destruct (Rle_or_lt Omega (B2R a - B2R b)) as [Hbig|Hsmall]; [nra|].
  pose proof (rounding_axioms.error_of_a_difference radix2 emin prec (fun x => negb (Z.even x))
    (B2R a) (B2R b) (is_float a) (is_float b)) as He.
  rewrite <- finite_difference, (Rabs_pos_eq (B2R a - B2R b)) in He by (assumption || lra).
  pose proof (Rle_abs (B2R (sub a b) - (B2R a - B2R b))) as Hr.
  set (e := Rabs (B2R (sub a b) - (B2R a - B2R b))) in *. nra.
Qed.

(** ** Relative errors *)

Lemma not_negative : forall a b : number, finite b -> 0 <= B2R b -> finite (rebuilt a b) ->
  (finite a /\ B2R a <= B2R b \/ a = B754_infinity true) /\ same (rebuilt a b) (fmax a b)
    /\ finite (fmax a b) /\ B2R (fmax a b) = B2R b
  \/ finite a /\ B2R b < B2R a /\ finite (fmax a b) /\ B2R (fmax a b) = B2R a
    /\ B2R (rebuilt a b) = difference_form radix2 fexp ZnearestE (B2R a) (B2R b).
Proof.
intros a b Fb Hb F. destruct (is_finite a) eqn:Fa.
- destruct (fmax_value a b Fa Fb) as [Fm Em]. destruct (Rle_or_lt (B2R a) (B2R b)) as [H|H].
  + left. rewrite Rmax_right in Em by exact H.
    split; [now left|]. split; [now apply exact_when_ordered_and_finite | now split].
  + right. rewrite Rmax_left in Em by lra. repeat split; auto. now apply step_value.
- left. apply finite_operands in F as F'. destruct F' as [Fr _].
  destruct a as [s|[|]| |s ma ea Ha]; try discriminate Fa.
  + split; [now right|]. split.
    * apply ieee_exact_when_ordered; [now destruct b as [[|]|t| |[|] mb eb Hb'] | exact Fb].
    * now destruct b as [[|]|t| |[|] mb eb Hb'].
  + exfalso. now destruct b.
  + exfalso. now destruct b.
Qed.

(* false: <= 2 * u * Rabs => <= u * Rabs *)
(* false: 0 <= B2R b => 0 <= B2R a *)
Theorem ieee_relative_error_if_not_negative : forall a b : number,
  finite b -> 0 <= B2R b -> finite (rebuilt a b) -> finite (fmax a b) /\
  (1 + u) * Rabs (B2R (rebuilt a b) - B2R (fmax a b)) <= 2 * u * Rabs (B2R (fmax a b)).
Proof.
intros a b Fb Hb F.
destruct (rounding_axioms.unit_roundoff_is_at_most_half radix2 prec) as [U1 U2].
destruct (not_negative a b Fb Hb F) as [[_ [S [Fm _]]]|[Fa [Hlt [Fm [Em E]]]]];
  (split; [exact Fm|]).
- rewrite (same_values _ _ F Fm S), Rminus_diag_eq, Rabs_R0 by reflexivity.
  pose proof (Rabs_pos (B2R (fmax a b))). nra.
- pose proof (error_bound radix2 emin prec (fun x => negb (Z.even x))
    (B2R a) (B2R b) (is_float a) (is_float b)) as B.
  rewrite Rmax_left in B by lra. rewrite E, Em.
  rewrite (Rabs_pos_eq (B2R a - B2R b)) in B by lra. rewrite (Rabs_pos_eq (B2R a)) by lra. nra.
Qed.

(* false: <= ulp radix2 => <= / 2 * ulp radix2 *)
Theorem ieee_one_ulp_if_not_negative : forall a b : number,
  finite b -> 0 <= B2R b -> finite (rebuilt a b) -> finite (fmax a b) /\
  Rabs (B2R (rebuilt a b) - B2R (fmax a b)) <= ulp radix2 fexp (B2R (fmax a b)).
Proof.
intros a b Fb Hb F.
destruct (not_negative a b Fb Hb F) as [[_ [S [Fm _]]]|[Fa [Hlt [Fm [Em E]]]]];
  (split; [exact Fm|]).
- rewrite (same_values _ _ F Fm S), Rminus_diag_eq, Rabs_R0 by reflexivity. apply ulp_ge_0.
- rewrite E, Em. unfold difference_form.
  assert (Hd : 0 <= fl (B2R a - B2R b)).
  { apply round_ge_generic; auto using generic_format_0 with typeclass_instances. lra. }
  replace (relu (fl (B2R a - B2R b))) with (fl (B2R a - B2R b))
    by (unfold relu; rewrite Rmax_left; lra).
  set (d := fl (B2R a - B2R b)) in *.
  pose proof (error_le_half_ulp radix2 fexp (fun x => negb (Z.even x)) (B2R a - B2R b)) as H1.
  fold d in H1.
  assert (H2 : ulp radix2 fexp (B2R a - B2R b) <= ulp radix2 fexp (B2R a)).
  { apply ulp_le; auto with typeclass_instances. rewrite !Rabs_pos_eq by lra. lra. }
  pose proof (rounding_axioms.no_float_is_closer radix2 emin prec (fun x => negb (Z.even x))
    (d + B2R b) (B2R a) (is_float a)) as H3.
  replace (B2R a - (d + B2R b)) with (- (d - (B2R a - B2R b))) in H3 by ring.
  rewrite Rabs_Ropp in H3.
  replace (fl (d + B2R b) - B2R a)
    with ((fl (d + B2R b) - (d + B2R b)) + (d - (B2R a - B2R b))) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.

(** a + b + |a − b|, which is twice the maximum. *)
Definition doubled (a b : number) : number := add (add a b) (Babs (sub a b)).

(* false: 2 * u * (2 + 3 * u) => u * (2 + 3 * u) *)
Theorem ieee_error_bound_by_distance : forall a b : number,
  finite (doubled a b) -> finite a /\ finite b /\
  (1 + u) * (1 + u) * Rabs (B2R (doubled a b) - 2 * B2R (fmax a b))
  <= 2 * u * (2 + 3 * u) * Rmax (Rabs (B2R a)) (Rabs (B2R b)).
Proof.
intros a b F. destruct (finite_operands _ _ F) as [Fs Fd]. rewrite is_finite_Babs in Fd.
destruct (finite_operands _ _ Fs) as [Fa Fb]. split; [exact Fa|]. split; [exact Fb|].
unfold doubled. rewrite finite_sum by (assumption || now rewrite is_finite_Babs).
rewrite B2R_Babs, finite_sum, finite_difference by assumption.
destruct (fmax_value a b Fa Fb) as [_ ->].
destruct (rounding_axioms.unit_roundoff_is_at_most_half radix2 prec) as [U1 U2].
set (s := fl (B2R a + B2R b)). set (d := fl (B2R a - B2R b)).
assert (Fls : float s) by (apply generic_format_round; auto with typeclass_instances).
assert (Fld : float (Rabs d)).
{ apply generic_format_abs, generic_format_round; auto with typeclass_instances. }
pose proof (rounding_axioms.error_of_a_sum radix2 emin prec (fun x => negb (Z.even x))
  (B2R a) (B2R b) (is_float a) (is_float b)) as E1. fold s in E1.
pose proof (rounding_axioms.error_of_a_difference radix2 emin prec (fun x => negb (Z.even x))
  (B2R a) (B2R b) (is_float a) (is_float b)) as E2. fold d in E2.
pose proof (rounding_axioms.error_of_a_sum radix2 emin prec (fun x => negb (Z.even x))
  s (Rabs d) Fls Fld) as E3.
set (y := fl (s + Rabs d)) in *. set (M := Rmax (Rabs (B2R a)) (Rabs (B2R b))).
set (x1 := B2R a) in *. set (x2 := B2R b) in *.
assert (T : Rabs (x1 + x2) + Rabs (x1 - x2) = 2 * M).
{ unfold M, Rmax. destruct (Rle_dec (Rabs x1) (Rabs x2)) as [r|r]; revert r;
    unfold Rabs; destruct (Rcase_abs x1), (Rcase_abs x2), (Rcase_abs (x1 + x2)), (Rcase_abs (x1 - x2));
    intros; lra. }
assert (X : 2 * Rmax x1 x2 = x1 + x2 + Rabs (x1 - x2)).
{ unfold Rmax, Rabs. destruct (Rle_dec x1 x2), (Rcase_abs (x1 - x2)); lra. }
rewrite X.
pose proof (Rabs_triang_inv2 d (x1 - x2)) as D.
set (e1 := Rabs (s - (x1 + x2))) in *. set (e2 := Rabs (d - (x1 - x2))) in *.
set (e3 := Rabs (y - (s + Rabs d))) in *.
assert (H1 : Rabs (s + Rabs d) <= 2 * M + (e1 + e2)).
{ replace (s + Rabs d) with ((x1 + x2) + Rabs (x1 - x2)
    + ((s - (x1 + x2)) + (Rabs d - Rabs (x1 - x2)))) by ring.
  eapply Rle_trans; [apply Rabs_triang|].
  pose proof (Rabs_triang (x1 + x2) (Rabs (x1 - x2))) as V1.
  rewrite Rabs_Rabsolu in V1.
  pose proof (Rabs_triang (s - (x1 + x2)) (Rabs d - Rabs (x1 - x2))) as V2.
  fold e1 in V2. lra. }
assert (H2 : Rabs (y - (x1 + x2 + Rabs (x1 - x2))) <= e3 + (e1 + e2)).
{ replace (y - (x1 + x2 + Rabs (x1 - x2))) with ((y - (s + Rabs d))
    + ((s - (x1 + x2)) + (Rabs d - Rabs (x1 - x2)))) by ring.
  eapply Rle_trans; [apply Rabs_triang|].
  pose proof (Rabs_triang (s - (x1 + x2)) (Rabs d - Rabs (x1 - x2))) as V2.
  fold e1 in V2. fold e3. lra. }
assert (H3 : (1 + u) * (e1 + e2) <= u * (2 * M)) by (rewrite <- T; lra).
assert (H4 : (1 + u) * e3 <= u * (2 * M + (e1 + e2))).
{ eapply Rle_trans; [exact E3|]. apply Rmult_le_compat_l; lra. }
assert (H5 : (1 + u) * ((1 + u) * (e1 + e2)) <= (1 + u) * (u * (2 * M)))
  by (apply Rmult_le_compat_l; lra).
assert (H6 : (1 + u) * ((1 + u) * e3) <= (1 + u) * (u * (2 * M + (e1 + e2))))
  by (apply Rmult_le_compat_l; lra).
assert (H7 : u * ((1 + u) * (e1 + e2)) <= u * (u * (2 * M))) by (apply Rmult_le_compat_l; lra).
apply Rle_trans with ((1 + u) * (1 + u) * (e3 + (e1 + e2))).
- apply Rmult_le_compat_l; [nra | exact H2].
- lra.
Qed.

End AnyBinaryFormat.
