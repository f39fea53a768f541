(** The sum of the largest of any number of real taps: a least value over thresholds. *)

From Coq Require Import Reals Lra List Permutation.
Import ListNotations.
Open Scope R_scope.

Definition total (taps : list R) : R := fold_right Rplus 0 taps.
(** What the taps exceed a threshold by, in all: the sum of ReLU(x - t). *)
Definition excess (t : R) (taps : list R) : R := total (map (fun x => Rmax (x - t) 0) taps).

Lemma total_of_both : forall l m, total (l ++ m) = total l + total m.
Proof. induction l as [|x l IH]; intros m; simpl; [ring|]. rewrite IH. ring. Qed.

Lemma excess_of_both : forall t l m, excess t (l ++ m) = excess t l + excess t m.
Proof. intros t l m. unfold excess. rewrite map_app. apply total_of_both. Qed.

Lemma total_permuted : forall l m, Permutation l m -> total l = total m.
Proof. intros l m P. induction P; simpl; lra. Qed.

Lemma excess_permuted : forall t l m, Permutation l m -> excess t l = excess t m.
Proof. intros t l m P. apply total_permuted. now apply Permutation_map. Qed.

Lemma excess_is_positive : forall t l, 0 <= excess t l.
Proof.
intros t. induction l as [|x l IH]; [apply Rle_refl|].
change (0 <= Rmax (x - t) 0 + excess t l). pose proof (Rmax_r (x - t) 0). lra.
Qed.

Lemma chosen_at_most : forall t l, total l <= INR (length l) * t + excess t l.
Proof.
intros t. induction l as [|x l IH]; [unfold excess; simpl; lra|].
change (x + total l <= INR (S (length l)) * t + (Rmax (x - t) 0 + excess t l)).
rewrite S_INR. pose proof (Rmax_l (x - t) 0). lra.
Qed.

Lemma chosen_exactly : forall t l, Forall (fun x => t <= x) l ->
  total l = INR (length l) * t + excess t l.
Proof.
intros t l F. induction F as [|x l H F IH]; [unfold excess; simpl; lra|].
change (x + total l = INR (S (length l)) * t + (Rmax (x - t) 0 + excess t l)).
rewrite S_INR, Rmax_left by lra. lra.
Qed.

Lemma rest_adds_nothing : forall t l, Forall (fun x => x <= t) l -> excess t l = 0.
Proof.
intros t l F. induction F as [|x l H F IH]; [reflexivity|].
change (Rmax (x - t) 0 + excess t l = 0). rewrite Rmax_right by lra. lra.
Qed.

(** [largest] are as many taps as one likes, none below t, and no other is above t. *)
(* false: total chosen <= => total chosen < *)
(* false: = INR (length largest) * t + excess t taps /\ => = INR (length largest) * t /\ *)
(* false: excess t taps /\ => excess t rest /\ *)
Theorem sum_of_the_largest : forall taps largest rest t,
  Permutation taps (largest ++ rest) ->
  Forall (fun x => t <= x) largest -> Forall (fun x => x <= t) rest ->
  total largest = INR (length largest) * t + excess t taps /\
  (forall other, total largest <= INR (length largest) * other + excess other taps) /\
  (forall chosen left, Permutation taps (chosen ++ left) -> length chosen = length largest ->
    total chosen <= total largest).
Proof.
intros taps largest rest t P L R.
assert (B : forall k chosen left, Permutation taps (chosen ++ left) ->
  total chosen <= INR (length chosen) * k + excess k taps).
{ intros k chosen left Q. rewrite (excess_permuted k _ _ Q), excess_of_both.
  pose proof (chosen_at_most k chosen). pose proof (excess_is_positive k left). lra. }
assert (E : total largest = INR (length largest) * t + excess t taps).
{ rewrite (excess_permuted t _ _ P), excess_of_both, (rest_adds_nothing t rest R).
  rewrite Rplus_0_r. now apply chosen_exactly. }
repeat split; [exact E | intros other; now apply B with rest |].
intros chosen left Q H. rewrite E, <- H. now apply B with left.
Qed.
