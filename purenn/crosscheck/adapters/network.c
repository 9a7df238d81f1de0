#include <math.h>    // Sigmoid neurons and the quadratic cost; other cases are left unanswered.
#include <stdio.h>   // No JSON library: the fields come in the documented order, so reading on to
#include <string.h>  // the next string or the next number is enough.  gcc -O2 network.c -lm
#define EACH(i, n) for (int i = 0; i < (n); i++)
#define WEIGHTS(k, n) EACH(l, L) EACH(j, s[l + 1]) EACH(k, n)  // the bias is W[l][j][s[l]]
double W[9][33][33], g[9][33][33], a[10][33], d[9][33], y[33], cost[33];
int s[10], L, m, answered; char text[256], name[256], kind[768];
char *word(void) { scanf("%*[^\"]"); return scanf("\"%255[^\"]\"", text) == 1 ? text : NULL; }
double num(void) { double x = 0; scanf("%*[^-0-9]"); scanf("%lf", &x); return x; }
void list(double *v, int n) { EACH(i, n) printf("%c%.17g", i ? ',' : '[', v[i]); printf("]"); }
void print(const char *field, double M[][33][33], int bias) { printf(", \"%s\": ", field);
    EACH(l, L) EACH(j, s[l + 1]) { printf(j ? "," : l ? "],[" : "[[");
        if (bias) printf("%.17g", M[l][j][s[l]]); else list(M[l][j], s[l]); } printf("]]"); }
// YOUR OWN CODE goes here, instead of learn
void learn(double *C) {  // from one example: a[0] and y
    EACH(l, L) { a[l][s[l]] = 1; EACH(j, s[l + 1]) { double z = 0;
        EACH(k, s[l] + 1) z += W[l][j][k] * a[l][k]; a[l + 1][j] = 1 / (1 + exp(-z)); } }
    for (int l = L - 1; l >= 0; l--) EACH(j, s[l + 1]) {
        double v = l < L - 1 ? 0 : a[L][j] - y[j], A = a[l + 1][j];
        if (l < L - 1) EACH(i, s[l + 2]) v += W[l + 1][i][j] * d[l + 1][i]; else *C += v * v / 2;
        d[l][j] = v * A * (1 - A); EACH(k, s[l] + 1) g[l][j][k] += d[l][j] * a[l][k]; } }
int main(void) { printf("{\"format\": \"purenn-answers\", \"version\": 1, \"answers\": [");
    while (word()) if (!strcmp(text, "name")) { strcpy(name, word()); word(); L = -1; *kind = 0;
        while (scanf("%*[^]0-9]"), scanf("%d", &s[L + 1]) == 1) L++;
        EACH(i, 6) strcat(kind, word());
        if (strcmp(kind, "hiddensigmoidoutputsigmoidcostquadratic")) continue;
        EACH(b, 2) WEIGHTS(k, b ? 1 : s[l]) W[l][j][b ? s[l] : k] = num();
        double sum = m = 0, squares = 0; memset(g, 0, sizeof g); memset(cost, 0, sizeof cost);
        printf("%s{\"name\": \"%s\", \"activations\": ", answered++ ? "," : "", name);
        for (word(); !strcmp(word(), "x"); sum += cost[m++]) { EACH(k, s[0]) a[0][k] = num();
            word(); EACH(j, s[L]) y[j] = num(); learn(&cost[m]); printf(m ? ",[" : "[[");
            EACH(l, L) { printf(l ? "," : ""); list(a[l + 1], s[l + 1]); } printf("]"); }
        double eta = num(), decay = (word(), num()); decay /= (word(), num());
        WEIGHTS(k, s[l]) squares += W[l][j][k] * W[l][j][k];
        printf("], \"costs\": "); list(cost, m); WEIGHTS(k, s[l] + 1) g[l][j][k] /= m;
        printf(", \"total_cost\": %.17g", sum / m + decay / 2 * squares);
        print("nabla_w", g, 0); print("nabla_b", g, 1);
        WEIGHTS(k, s[l] + 1) W[l][j][k] -= eta * (g[l][j][k] + (k < s[l] ? decay * W[l][j][k] : 0));
        print("new_weights", W, 0); print("new_biases", W, 1); printf("}"); } puts("]}"); }
