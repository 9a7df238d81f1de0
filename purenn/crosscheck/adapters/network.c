/* A network in C, with the standard library alone: it reads plain text and prints a line of JSON
   for each case.
       gcc -O2 network.c -o network -lm
       python3 -m purenn.crosscheck run --plain -- ./network */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define EACH(i, n) for (int i = 0; i < (n); i++)
#define IS(text, word) (strcmp(text, word) == 0)
enum { LAYERS = 10, NEURONS = 32, EXAMPLES = 16 };  // more than any case has
typedef double Vectors[LAYERS][NEURONS], Matrices[LAYERS][NEURONS][NEURONS];

char name[256], hidden[32], output[32], cost[32];
int sizes[LAYERS], L, m, n;  // L layers after the input
Matrices W, nabla_w;         // W[l][j][k]: from neuron k of layer l to neuron j of layer l + 1
Vectors b, nabla_b, a[EXAMPLES];  // a[e][0] is the input of example e, a[e][L] the output
double y[EXAMPLES][NEURONS], costs[EXAMPLES], eta, lmbda;

/* YOUR CODE from here: put your own network in place of this one.  backprop(e) finds a[e][1] to
   a[e][L] and costs[e], and adds the gradient of the cost to nabla_w and nabla_b. */

double activation(const char *f, double z) {
    return IS(f, "sigmoid") ? 1 / (1 + exp(-z)) : IS(f, "tanh") ? tanh(z)
         : IS(f, "relu") ? fmax(z, 0) : z;
}
double slope(const char *f, double a) {
    return IS(f, "sigmoid") ? a * (1 - a) : IS(f, "tanh") ? 1 - a * a
         : IS(f, "relu") ? a > 0 : 1;
}
void output_layer(double *z, double *a, double *y, int size, double *delta, double *C) {
    double top = z[0], sum = 0, inner = 0;
    EACH(j, size) top = fmax(top, z[j]);
    EACH(j, size) sum += exp(z[j] - top);
    EACH(j, size) {
        a[j] = IS(output, "softmax") ? exp(z[j] - top) / sum : activation(output, z[j]);
        delta[j] = a[j] - y[j];
        inner += delta[j] * a[j];
        *C += IS(cost, "quadratic") ? delta[j] * delta[j] / 2
            : IS(cost, "log-likelihood") ? y[j] * (top - z[j] + log(sum))
            : fmax(z[j], 0) - y[j] * z[j] + log1p(exp(-fabs(z[j])));  // cross-entropy, from z
    }
    if (IS(cost, "quadratic")) EACH(j, size)
        delta[j] = IS(output, "softmax") ? a[j] * (delta[j] - inner)
                                         : delta[j] * slope(output, a[j]);
}
void backprop(int e) {
    double z[NEURONS], delta[NEURONS], below[NEURONS];
    EACH(l, L) EACH(j, sizes[l + 1]) {
        z[j] = b[l][j];
        EACH(k, sizes[l]) z[j] += W[l][j][k] * a[e][l][k];
        a[e][l + 1][j] = activation(hidden, z[j]);
    }
    output_layer(z, a[e][L], y[e], sizes[L], delta, &costs[e]);
    for (int l = L - 1; l >= 0; l--) {
        EACH(k, sizes[l]) below[k] = 0;
        EACH(j, sizes[l + 1]) {
            nabla_b[l][j] += delta[j];
            EACH(k, sizes[l]) nabla_w[l][j][k] += delta[j] * a[e][l][k];
            EACH(k, sizes[l]) below[k] += W[l][j][k] * delta[j];
        }
        EACH(k, sizes[l]) delta[k] = below[k] * slope(hidden, a[e][l][k]);
    }
}

/* YOUR CODE to here.  What it does not compute can be left out of what is printed below. */

char *line(void) {  // the next one, without its end; NULL at the end of the file
    static char text[256];
    return fgets(text, sizeof text, stdin) ? text[strcspn(text, "\r\n")] = 0, text : NULL;
}
double number(void) { return atof(line()); }
char *field(void) { line(); return line(); }  // the value after a field's name
void vector(const char *before, double *v, int size) {
    printf("%s[", before);
    EACH(k, size) printf("%s%.17g", k ? ", " : "", v[k]);
    printf("]");
}
void print_weights(const char *name, Matrices M) {
    printf(", \"%s\": [", name);
    EACH(l, L) EACH(j, sizes[l + 1]) {
        vector(j ? ", " : l ? "], [" : "[", M[l][j], sizes[l]);
    }
    printf("]]");
}
void print_biases(const char *name, Vectors v) {
    printf(", \"%s\": [", name);
    EACH(l, L) vector(l ? ", " : "", v[l], sizes[l + 1]);
    printf("]");
}
int main(void) {
    const char *format = line();
    if (!format || !IS(format, "purenn-cases")) return fputs("run it with --plain\n", stderr), 2;
    line();  // the version
    while (line()) {
        strcpy(name, line());
        L = atoi(field()) - 1;
        EACH(l, L + 1) sizes[l] = number();
        strcpy(hidden, field()), strcpy(output, field()), strcpy(cost, field());
        line();
        EACH(l, L) EACH(j, sizes[l + 1]) EACH(k, sizes[l]) W[l][j][k] = number();
        line();
        EACH(l, L) EACH(j, sizes[l + 1]) b[l][j] = number();
        m = atoi(field());
        EACH(e, m) {
            line();
            EACH(k, sizes[0]) a[e][0][k] = number();
            line();
            EACH(j, sizes[L]) y[e][j] = number();
        }
        eta = atof(field()), lmbda = atof(field()), n = atoi(field());

        memset(nabla_w, 0, sizeof nabla_w), memset(nabla_b, 0, sizeof nabla_b);
        memset(costs, 0, sizeof costs);
        double sum = 0, squares = 0;
        EACH(e, m) backprop(e), sum += costs[e];
        printf("{\"name\": \"%s\", \"activations\": [", name);
        EACH(e, m) {
            EACH(l, L) vector(l ? ", " : e ? ", [" : "[", a[e][l + 1], sizes[l + 1]);
            printf("]");
        }
        vector("], \"costs\": ", costs, m);
        EACH(l, L) EACH(j, sizes[l + 1]) EACH(k, sizes[l]) squares += W[l][j][k] * W[l][j][k];
        printf(", \"total_cost\": %.17g", sum / m + lmbda / (2 * n) * squares);
        EACH(l, L) EACH(j, sizes[l + 1]) {
            b[l][j] -= eta * (nabla_b[l][j] /= m);
            EACH(k, sizes[l])
                W[l][j][k] -= eta * ((nabla_w[l][j][k] /= m) + lmbda / n * W[l][j][k]);
        }
        print_weights("nabla_w", nabla_w), print_biases("nabla_b", nabla_b);
        print_weights("new_weights", W), print_biases("new_biases", b);
        puts("}");
    }
}
